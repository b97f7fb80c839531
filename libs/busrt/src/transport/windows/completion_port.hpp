// The loop's sleep on Windows: a completion port, which tells of operations that have ended.
#pragma once

#include <array>

#include "transport/poller.hpp"
#include "transport/windows/win32.hpp"

namespace busrt::transport {

class CompletionPort;

/// One overlapped operation at a time on a handle of the port. Its memory must stay until it has completed;
/// the port sees to that at its own end by cancelling and waiting.
class Operation : private OVERLAPPED {
 public:
  Operation() noexcept : OVERLAPPED{} {}
  virtual ~Operation() = default;
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  [[nodiscard]] bool under_way() const noexcept { return port_ != nullptr; }
  /// Asks for an early end, which comes as a completion like any other.
  void cancel() noexcept;

 protected:
  /// On the loop's thread. `error` 0: success.
  virtual void completed(DWORD error, std::size_t bytes) = 0;

 private:
  friend CompletionPort;
  HANDLE handle_ = nullptr;
  CompletionPort* port_ = nullptr;  // while under way
  Operation* next_ = nullptr;       // in the port's list of what is under way
  Operation* previous_ = nullptr;
};

class CompletionPort final : public Poller {
 public:
  CompletionPort();
  ~CompletionPort() override;
  CompletionPort(const CompletionPort&) = delete;
  CompletionPort& operator=(const CompletionPort&) = delete;

  /// For good: a handle has one port in its life.
  [[nodiscard]] Result<> associate(HANDLE handle);
  /// ReadFile and WriteFile. 0, and the completion comes in any case; or the error, and no completion.
  [[nodiscard]] DWORD read(Operation& operation, HANDLE handle, void* room, std::size_t size);
  [[nodiscard]] DWORD write(Operation& operation, HANDLE handle, const void* bytes, std::size_t size);

  void wait(std::chrono::milliseconds timeout) override;
  [[nodiscard]] bool found_any() const noexcept override { return count_ != 0; }
  void dispatch() override;
  void wake() override;

 private:
  /// Completions handled per batch: enough to amortise the wait, few enough that the first is not kept
  /// waiting.
  static constexpr ULONG max_entries = 128;

  void wait_for(DWORD timeout_ms);
  OVERLAPPED* begin(Operation& operation, HANDLE handle);
  DWORD begun(Operation& operation, BOOL done);
  void end(Operation& operation);

  Handle port_;
  std::array<OVERLAPPED_ENTRY, max_entries> entries_{};
  ULONG count_ = 0;
  Operation* first_ = nullptr;
};

}  // namespace busrt::transport
