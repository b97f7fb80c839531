// Named pipes: the listener, and accepted streams.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "transport/listener.hpp"
#include "transport/windows/owner.hpp"

namespace busrt::transport {

/// A pipe holds this much in each direction before its writer has to wait: as much as a unix socket on Linux.
inline constexpr DWORD pipe_buffer_bytes = 208U << 10;

/// Takes a connected pipe that was opened for overlapped operations and has no completion port yet.
[[nodiscard]] std::unique_ptr<Stream> make_pipe_stream(Handle pipe, Peer peer);

/// The instances of one pipe that wait for clients, on a thread of its own: a pipe can wait at one completion
/// port only, and its port is to be that of the loop which its session will live on.
class NamedPipeListener final : public Listener {
 public:
  /// errc::busy when another process has a pipe of that name.
  [[nodiscard]] static Result<std::unique_ptr<NamedPipeListener>> bind(const std::string& name);
  ~NamedPipeListener() override;

  [[nodiscard]] Result<> open(EventLoop& loop, Accept accept, Paused paused) override;
  /// Nothing to do: the thread tries again by itself.
  void retry() override {}
  void close() override;

 private:
  struct Instance;

  NamedPipeListener(std::string name, OwnerOnly owner);
  [[nodiscard]] bool name_is_taken() const;
  [[nodiscard]] Handle create(bool first);
  void run();
  void wait_for_clients();
  /// False when the system has no room for another instance now.
  bool listen_on(Instance& instance);
  void accepted(Instance& instance);

  std::string name_;
  std::wstring wide_name_;
  OwnerOnly owner_;
  Handle stop_;
  std::vector<std::unique_ptr<Instance>> instances_;  // the thread's own once it runs
  Accept accept_;
  Paused on_pause_;
  std::thread thread_;
};

}  // namespace busrt::transport
