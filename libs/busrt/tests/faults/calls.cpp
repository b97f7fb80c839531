#include "faults/calls.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>

namespace busrt_faults {

namespace {

using Kind = Fault::Kind;

constexpr Fault interrupted{"EINTR", Kind::error, EINTR};
constexpr Fault again{"EAGAIN", Kind::error, EAGAIN};
constexpr Fault no_memory{"ENOMEM", Kind::error, ENOMEM};
constexpr Fault no_buffers{"ENOBUFS", Kind::error, ENOBUFS};
constexpr Fault too_many{"EMFILE", Kind::error, EMFILE};
constexpr Fault too_many_in_all{"ENFILE", Kind::error, ENFILE};
constexpr Fault refused{"ECONNREFUSED", Kind::error, ECONNREFUSED};
constexpr Fault no_space{"ENOSPC", Kind::error, ENOSPC};
constexpr Fault shortened{"short", Kind::shorten, 0};

constexpr std::array receive_faults{interrupted,
                                    again,
                                    Fault{"ECONNRESET", Kind::cut, ECONNRESET},
                                    Fault{"ETIMEDOUT", Kind::cut, ETIMEDOUT},
                                    no_memory,
                                    shortened};
constexpr std::array send_faults{interrupted,
                                 again,
                                 Fault{"EPIPE", Kind::cut, EPIPE},
                                 Fault{"ECONNRESET", Kind::cut, ECONNRESET},
                                 no_buffers,
                                 no_memory,
                                 shortened};
constexpr std::array accept_faults{interrupted, again,      Fault{"ECONNABORTED", Kind::error, ECONNABORTED},
                                   too_many,    no_buffers, no_memory};
constexpr std::array connect_faults{refused, again, Fault{"ETIMEDOUT", Kind::error, ETIMEDOUT},
                                    Fault{"EADDRNOTAVAIL", Kind::error, EADDRNOTAVAIL}, no_memory};
constexpr std::array descriptor_faults{too_many, too_many_in_all, no_memory};
constexpr std::array socket_faults{too_many, no_buffers, no_memory};
constexpr std::array bind_faults{Fault{"EADDRINUSE", Kind::error, EADDRINUSE},
                                 Fault{"EACCES", Kind::error, EACCES}, no_memory};
constexpr std::array listen_faults{Fault{"EADDRINUSE", Kind::error, EADDRINUSE}};
constexpr std::array option_faults{no_buffers};
constexpr std::array peer_name_faults{Fault{"ENOTCONN", Kind::error, ENOTCONN}};
constexpr std::array watch_faults{no_memory, no_space};
constexpr std::array wait_faults{interrupted};
constexpr std::array file_faults{no_space, Fault{"EACCES", Kind::error, EACCES}};
constexpr std::array mode_faults{Fault{"EPERM", Kind::error, EPERM}};
constexpr std::array allocation_faults{Fault{"bad_alloc", Kind::error, ENOMEM}};

constexpr std::array<std::string_view, call_count> call_names{
    "read",       "readv",       "recv",          "recvmsg",   "write",      "writev",  "send",
    "sendmsg",    "accept",      "accept4",       "connect",   "socket",     "bind",    "listen",
    "setsockopt", "getpeername", "epoll_create1", "epoll_add", "epoll_wait", "eventfd", "timerfd_create",
    "open",       "mkfifo",      "fchmod",        "allocate"};
constexpr std::array<std::string_view, 4> role_names{"unknown", "broker", "victim", "exempt"};

}  // namespace

std::string_view name_of(Call call) noexcept {
  return call_names[static_cast<std::size_t>(call)];
}
std::string_view name_of(Role role) noexcept {
  return role_names[static_cast<std::size_t>(role)];
}

std::span<const Fault> faults_of(Call call) noexcept {
  switch (call) {
    case Call::read:
    case Call::readv:
    case Call::recv:
    case Call::recvmsg:
      return receive_faults;
    case Call::write:
    case Call::writev:
    case Call::send:
    case Call::sendmsg:
      return send_faults;
    case Call::accept:
    case Call::accept4:
      return accept_faults;
    case Call::connect:
      return connect_faults;
    case Call::socket:
      return socket_faults;
    case Call::bind:
      return bind_faults;
    case Call::listen:
      return listen_faults;
    case Call::setsockopt:
      return option_faults;
    case Call::getpeername:
      return peer_name_faults;
    case Call::epoll_add:
      return watch_faults;
    case Call::epoll_wait:
      return wait_faults;
    case Call::epoll_create1:
    case Call::eventfd:
    case Call::timerfd_create:
    case Call::open:
      return descriptor_faults;
    case Call::mkfifo:
      return file_faults;
    case Call::fchmod:
      return mode_faults;
    case Call::allocate:
      return allocation_faults;
  }
  return {};
}

const Fault* find_fault(Call call, std::string_view name) noexcept {
  for (const Fault& fault : faults_of(call)) {
    if (fault.name == name) return &fault;
  }
  return nullptr;
}

std::string to_string(const Target& target) {
  return std::string(name_of(target.role)) + "/" + std::string(name_of(target.call)) + "/" +
         std::to_string(target.number) + "/" + std::string(target.fault->name);
}

Target parse_target(std::string_view text) {
  const auto word = [&text] {
    const std::size_t end = std::min(text.find('/'), text.size());
    const std::string_view found = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return found;
  };
  Target target;
  const std::string_view role = word();
  const std::string_view call = word();
  const std::string_view number = word();
  const std::string_view fault = word();
  for (std::size_t i = 0; i < role_names.size(); ++i) {
    if (role_names[i] == role) target.role = static_cast<Role>(i);
  }
  for (std::size_t i = 0; i < call_names.size(); ++i) {
    if (call_names[i] == call) target.call = static_cast<Call>(i);
  }
  std::from_chars(number.data(), number.data() + number.size(), target.number);
  target.fault = find_fault(target.call, fault);
  if (target.role == Role::unknown || target.number == 0 || target.fault == nullptr) {
    throw std::invalid_argument("expected ROLE/CALL/NUMBER/FAULT, found " + std::string(text));
  }
  return target;
}

}  // namespace busrt_faults
