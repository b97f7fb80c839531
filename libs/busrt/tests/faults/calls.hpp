// The calls to the system that may be made to fail, and how each of them can fail.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace busrt_faults {

/// One value for each interposed function; `allocate` is operator new.
enum class Call : std::uint8_t {
  read,
  readv,
  recv,
  recvmsg,
  write,
  writev,
  send,
  sendmsg,
  accept,
  accept4,
  connect,
  socket,
  bind,
  listen,
  setsockopt,
  getpeername,
  epoll_create1,
  epoll_add,
  epoll_wait,
  eventfd,
  timerfd_create,
  open,
  mkfifo,
  fchmod,
  allocate,
};
inline constexpr std::size_t call_count = static_cast<std::size_t>(Call::allocate) + 1;

[[nodiscard]] std::string_view name_of(Call call) noexcept;

/// What one call does instead of its work.
struct Fault {
  enum class Kind : std::uint8_t {
    error,    ///< fails with `error`, once; nothing else happens
    cut,      ///< so, and the connection has really ended
    shorten,  ///< moves one byte
  };
  std::string_view name;
  Kind kind = Kind::error;
  int error = 0;
};

/// The errors that Linux gives for this call in this use (non-blocking, or of something that never blocks).
[[nodiscard]] std::span<const Fault> faults_of(Call call) noexcept;
[[nodiscard]] const Fault* find_fault(Call call, std::string_view name) noexcept;

/// On whose threads a call is made.
enum class Role : std::uint8_t {
  unknown,
  broker,
  victim,  ///< the client whose calls fail, and the test itself
  exempt,  ///< nothing fails here
};
[[nodiscard]] std::string_view name_of(Role role) noexcept;

/// The `number`-th call (from one) of this function on threads of this role meets the fault.
struct Target {
  Role role = Role::unknown;
  Call call = Call::read;
  std::uint64_t number = 0;
  const Fault* fault = nullptr;
};
/// "broker/sendmsg/3/EPIPE", and back.
[[nodiscard]] std::string to_string(const Target& target);
[[nodiscard]] Target parse_target(std::string_view text);

}  // namespace busrt_faults
