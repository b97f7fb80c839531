// The few things that everything here needs of the Windows API, as values of C++.
#pragma once

// Before all else of Windows, as it asks for.
#include <winsock2.h>
//
#include <windows.h>

#include <string>
#include <string_view>
#include <utility>

#include "busrt/error.hpp"

namespace busrt::transport {

/// Owns a kernel handle.
class Handle {
 public:
  Handle() = default;
  explicit Handle(HANDLE handle) noexcept : handle_(handle == INVALID_HANDLE_VALUE ? nullptr : handle) {}
  Handle(Handle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) {
      reset();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~Handle() { reset(); }

  [[nodiscard]] HANDLE get() const noexcept { return handle_; }
  [[nodiscard]] HANDLE release() noexcept { return std::exchange(handle_, nullptr); }
  [[nodiscard]] explicit operator bool() const noexcept { return handle_ != nullptr; }
  void reset() noexcept {
    if (handle_ != nullptr) ::CloseHandle(std::exchange(handle_, nullptr));
  }

 private:
  HANDLE handle_ = nullptr;
};

[[nodiscard]] std::wstring widen(std::string_view utf8);

/// What the system says of an error number (GetLastError).
[[nodiscard]] std::string system_message(DWORD error);
/// A failed call, with the error number as it stands.
[[nodiscard]] std::unexpected<Error> fail_system(DWORD error, std::string what);

/// Whether an error means that the other end of a pipe is gone (or this end was closed under the operation).
[[nodiscard]] bool means_closed(DWORD error) noexcept;

}  // namespace busrt::transport
