// The functions of the C library that our transports, Asio and OpenSSL call, defined once more: a program's
// own definition is the one that everything in it gets. Each asks the injector, then calls the library's.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdlib>

#include "faults/injector.hpp"

namespace {

using namespace busrt_faults;

/// What events and timers are read and written by, as nothing else here is. They never fail: EAGAIN means
/// that there is nothing to do.
constexpr std::size_t event_bytes = 8;

template <class Function>
Function next(const char* name) noexcept {
  void* found = ::dlsym(RTLD_NEXT, name);
  if (found == nullptr) std::abort();
  return reinterpret_cast<Function>(found);
}

int fail(const Fault& fault, int descriptor) noexcept {
  if (fault.kind == Fault::Kind::cut) {
    // The other side and the next call find the end that this one tells of. What is no socket has no end.
    ::syscall(SYS_shutdown, descriptor, SHUT_RDWR);
  }
  watch_anew(descriptor);
  errno = fault.error;
  return -1;
}

/// `whole` and `one` make the real call, the latter for one byte.
template <class Whole, class One>
ssize_t transfer(Call call, int descriptor, Whole whole, One one) {
  const Fault* fault = meets(call, descriptor);
  if (fault == nullptr) return whole();
  if (fault->kind != Fault::Kind::shorten) return fail(*fault, descriptor);
  const ssize_t moved = one();
  const int error = errno;
  watch_anew(descriptor);
  errno = error;
  return moved;
}

/// The first byte of a gather or scatter list.
iovec first_byte(const iovec* parts, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    if (parts[i].iov_len != 0) return {parts[i].iov_base, 1};
  }
  return {nullptr, 0};
}

msghdr cut_short(const msghdr& message, iovec& part) noexcept {
  part = first_byte(message.msg_iov, message.msg_iovlen);
  msghdr less = message;
  less.msg_iov = &part;
  less.msg_iovlen = 1;
  return less;
}

/// Asio does not look at what comes of watching its own event and timer, and without them its loop never
/// wakes: nothing that we could mend. Our poller's event, which has no watcher, is looked at.
bool is_of_asio(int descriptor, const epoll_event& event) noexcept {
  struct stat found{};
  const bool is_event = ::fstat(descriptor, &found) == 0 && (found.st_mode & S_IFMT) == 0;
  return is_event && event.data.ptr != nullptr;
}

}  // namespace

// NOLINTBEGIN: the names and types are the library's.
extern "C" {

ssize_t read(int fd, void* room, size_t size) {
  static const auto real = next<ssize_t (*)(int, void*, size_t)>("read");
  if (size == event_bytes) return real(fd, room, size);
  return transfer(
      Call::read, fd, [=] { return real(fd, room, size); },
      [=] { return real(fd, room, std::min<size_t>(size, 1)); });
}
ssize_t readv(int fd, const iovec* parts, int count) {
  static const auto real = next<ssize_t (*)(int, const iovec*, int)>("readv");
  return transfer(
      Call::readv, fd, [=] { return real(fd, parts, count); },
      [=] {
        const iovec part = first_byte(parts, static_cast<size_t>(count));
        return real(fd, &part, 1);
      });
}
ssize_t recv(int fd, void* room, size_t size, int flags) {
  static const auto real = next<ssize_t (*)(int, void*, size_t, int)>("recv");
  return transfer(
      Call::recv, fd, [=] { return real(fd, room, size, flags); },
      [=] { return real(fd, room, std::min<size_t>(size, 1), flags); });
}
ssize_t recvmsg(int fd, msghdr* message, int flags) {
  static const auto real = next<ssize_t (*)(int, msghdr*, int)>("recvmsg");
  return transfer(
      Call::recvmsg, fd, [=] { return real(fd, message, flags); },
      [=] {
        iovec part;
        msghdr less = cut_short(*message, part);
        return real(fd, &less, flags);
      });
}
ssize_t write(int fd, const void* bytes, size_t size) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
  // The test's own output is no transport.
  if (fd <= STDERR_FILENO || size == event_bytes) return real(fd, bytes, size);
  return transfer(
      Call::write, fd, [=] { return real(fd, bytes, size); },
      [=] { return real(fd, bytes, std::min<size_t>(size, 1)); });
}
ssize_t writev(int fd, const iovec* parts, int count) {
  static const auto real = next<ssize_t (*)(int, const iovec*, int)>("writev");
  if (fd <= STDERR_FILENO) return real(fd, parts, count);
  return transfer(
      Call::writev, fd, [=] { return real(fd, parts, count); },
      [=] {
        const iovec part = first_byte(parts, static_cast<size_t>(count));
        return real(fd, &part, 1);
      });
}
ssize_t send(int fd, const void* bytes, size_t size, int flags) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, int)>("send");
  return transfer(
      Call::send, fd, [=] { return real(fd, bytes, size, flags); },
      [=] { return real(fd, bytes, std::min<size_t>(size, 1), flags); });
}
ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  static const auto real = next<ssize_t (*)(int, const msghdr*, int)>("sendmsg");
  return transfer(
      Call::sendmsg, fd, [=] { return real(fd, message, flags); },
      [=] {
        iovec part;
        const msghdr less = cut_short(*message, part);
        return real(fd, &less, flags);
      });
}

int accept(int fd, sockaddr* address, socklen_t* length) {
  static const auto real = next<int (*)(int, sockaddr*, socklen_t*)>("accept");
  if (const Fault* fault = meets(Call::accept, fd)) return fail(*fault, fd);
  return real(fd, address, length);
}
int accept4(int fd, sockaddr* address, socklen_t* length, int flags) {
  static const auto real = next<int (*)(int, sockaddr*, socklen_t*, int)>("accept4");
  if (const Fault* fault = meets(Call::accept4, fd)) return fail(*fault, fd);
  return real(fd, address, length, flags);
}
int connect(int fd, const sockaddr* address, socklen_t length) {
  static const auto real = next<int (*)(int, const sockaddr*, socklen_t)>("connect");
  if (const Fault* fault = meets(Call::connect, fd)) return fail(*fault, -1);
  return real(fd, address, length);
}
int socket(int family, int type, int protocol) noexcept {
  static const auto real = next<int (*)(int, int, int)>("socket");
  if (const Fault* fault = meets(Call::socket, -1)) return fail(*fault, -1);
  return real(family, type, protocol);
}
int bind(int fd, const sockaddr* address, socklen_t length) noexcept {
  static const auto real = next<int (*)(int, const sockaddr*, socklen_t)>("bind");
  if (const Fault* fault = meets(Call::bind, fd)) return fail(*fault, -1);
  return real(fd, address, length);
}
int listen(int fd, int backlog) noexcept {
  static const auto real = next<int (*)(int, int)>("listen");
  if (const Fault* fault = meets(Call::listen, fd)) return fail(*fault, -1);
  return real(fd, backlog);
}
int setsockopt(int fd, int level, int name, const void* value, socklen_t length) noexcept {
  static const auto real = next<int (*)(int, int, int, const void*, socklen_t)>("setsockopt");
  if (const Fault* fault = meets(Call::setsockopt, fd)) return fail(*fault, -1);
  return real(fd, level, name, value, length);
}
int getpeername(int fd, sockaddr* address, socklen_t* length) noexcept {
  static const auto real = next<int (*)(int, sockaddr*, socklen_t*)>("getpeername");
  if (const Fault* fault = meets(Call::getpeername, fd)) return fail(*fault, -1);
  return real(fd, address, length);
}

int epoll_create1(int flags) noexcept {
  static const auto real = next<int (*)(int)>("epoll_create1");
  if (const Fault* fault = meets(Call::epoll_create1, -1)) return fail(*fault, -1);
  return real(flags);
}
/// Only adding takes memory; to change or end a watch cannot fail but by a mistake.
int epoll_ctl(int epoll, int operation, int fd, epoll_event* event) noexcept {
  static const auto real = next<int (*)(int, int, int, epoll_event*)>("epoll_ctl");
  if (operation == EPOLL_CTL_DEL) {
    note_watch(-1, fd, 0, 0);
    return real(epoll, operation, fd, event);
  }
  if (operation == EPOLL_CTL_ADD && !is_of_asio(fd, *event)) {
    if (const Fault* fault = meets(Call::epoll_add, fd)) return fail(*fault, -1);
  }
  note_watch(epoll, fd, event->events, event->data.u64);
  return real(epoll, operation, fd, event);
}
int epoll_wait(int epoll, epoll_event* events, int count, int timeout) {
  static const auto real = next<int (*)(int, epoll_event*, int, int)>("epoll_wait");
  if (const Fault* fault = meets(Call::epoll_wait, -1)) return fail(*fault, -1);
  return real(epoll, events, count, timeout);
}
int eventfd(unsigned value, int flags) noexcept {
  static const auto real = next<int (*)(unsigned, int)>("eventfd");
  if (const Fault* fault = meets(Call::eventfd, -1)) return fail(*fault, -1);
  return real(value, flags);
}
int timerfd_create(clockid_t clock, int flags) noexcept {
  static const auto real = next<int (*)(clockid_t, int)>("timerfd_create");
  if (const Fault* fault = meets(Call::timerfd_create, -1)) return fail(*fault, -1);
  return real(clock, flags);
}

int open(const char* path, int flags, ...) {
  static const auto real = next<int (*)(const char*, int, ...)>("open");
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  if (const Fault* fault = meets(Call::open, -1)) return fail(*fault, -1);
  return real(path, flags, mode);
}
int mkfifo(const char* path, mode_t mode) noexcept {
  static const auto real = next<int (*)(const char*, mode_t)>("mkfifo");
  if (const Fault* fault = meets(Call::mkfifo, -1)) return fail(*fault, -1);
  return real(path, mode);
}
int fchmod(int fd, mode_t mode) noexcept {
  static const auto real = next<int (*)(int, mode_t)>("fchmod");
  if (const Fault* fault = meets(Call::fchmod, fd)) return fail(*fault, -1);
  return real(fd, mode);
}

}  // extern "C"
// NOLINTEND
