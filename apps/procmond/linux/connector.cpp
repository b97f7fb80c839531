// Reading, and the arithmetic of what was lost.
//
// Two counts of losses exist. The socket's own (SO_MEMINFO) counts messages that found its buffer full,
// exactly and at once. Holes in the kernel's per-CPU numbers count every loss, also one where the kernel had
// no memory for the message, but show only with the next message of that CPU. So the first is reported with
// the overflow, and whatever the holes exceed it by is reported when it shows.
#include "connector.hpp"

#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <random>

#include "../limits.hpp"

namespace procmond::linux_os {
namespace {

// <linux/sock_diag.h> has the index; <sys/socket.h> of older C libraries lacks the option.
constexpr int socket_meminfo = 55;  // SO_MEMINFO
constexpr std::size_t meminfo_drops = 8;
constexpr std::size_t meminfo_fields = 9;

/// The most that the kernel gives: with CAP_NET_ADMIN beyond net.core.rmem_max.
std::size_t set_receive_buffer(int socket, std::size_t bytes) {
  const int wish = static_cast<int>(std::min(bytes, limits::receive_buffer_most));
  if (::setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &wish, sizeof wish) != 0) {
    ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &wish, sizeof wish);
  }
  int given = 0;
  socklen_t size = sizeof given;
  ::getsockopt(socket, SOL_SOCKET, SO_RCVBUF, &given, &size);
  return static_cast<std::size_t>(std::max(given, 0));
}

std::unexpected<busrt::base::Error> refused(const char* step) {
  const int error = errno;
  std::string words = std::string("process connector: ") + step;
  if (error == EPERM || error == EACCES) words += ": not permitted, it takes CAP_NET_ADMIN";
  if (error == ECONNREFUSED) words += ": the kernel answers only in the initial network namespace";
  if (error == EPROTONOSUPPORT) words += ": the kernel has no connector";
  return busrt::base::fail_errno(error, std::move(words));
}

}  // namespace

struct Connector::Buffers {
  std::array<std::array<std::byte, limits::message_bytes>, limits::messages_per_read> bytes{};
  std::array<iovec, limits::messages_per_read> vectors{};
  std::array<sockaddr_nl, limits::messages_per_read> senders{};
  std::array<mmsghdr, limits::messages_per_read> headers{};

  Buffers() {
    for (std::size_t i = 0; i < headers.size(); ++i) {
      vectors[i] = {bytes[i].data(), bytes[i].size()};
      headers[i].msg_hdr.msg_iov = &vectors[i];
      headers[i].msg_hdr.msg_iovlen = 1;
      headers[i].msg_hdr.msg_name = &senders[i];
      headers[i].msg_hdr.msg_namelen = sizeof senders[i];
    }
  }
};

busrt::base::Result<std::unique_ptr<Connector>> Connector::open(std::size_t receive_buffer_bytes) {
  busrt::base::UniqueFd socket(
      ::socket(AF_NETLINK, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_CONNECTOR));
  if (!socket) return refused("socket");
  const std::size_t given = set_receive_buffer(socket.get(), receive_buffer_bytes);
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = CN_IDX_PROC;
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return refused("bind");
  }
  busrt::base::UniqueFd waker(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!waker) return refused("eventfd");
  std::unique_ptr<Connector> connector(new Connector(std::move(socket), std::move(waker)));
  connector->buffer_bytes_ = given;
  if (auto subscribed = connector->subscribe(); !subscribed) return std::unexpected(subscribed.error());
  return connector;
}

Connector::Connector(busrt::base::UniqueFd socket, busrt::base::UniqueFd waker)
    : socket_(std::move(socket)), waker_(std::move(waker)), buffers_(std::make_unique<Buffers>()) {}

Connector::~Connector() {
  // Kernels before 6.6 count listeners and do not notice when one is gone.
  const RequestBytes request = encode_request(ConnectorRequest::ignore, 0, 0);
  [[maybe_unused]] const ssize_t sent = ::send(socket_.get(), request.data(), request.size(), 0);
}

busrt::base::Result<> Connector::subscribe() {
  // Confirmations go to every listener of the machine; this number tells ours.
  const std::uint32_t mine = std::random_device{}() | 1U;
  const RequestBytes request = encode_request(ConnectorRequest::listen, mine, mine);
  if (::send(socket_.get(), request.data(), request.size(), 0) < 0) return refused("listen");
  return await_confirmation(mine + 1);
}

busrt::base::Result<> Connector::await_confirmation(std::uint32_t acknowledge) {
  const auto deadline = std::chrono::steady_clock::now() + limits::connector_answer;
  while (std::chrono::steady_clock::now() < deadline) {
    auto count = read_some(limits::messages_per_read);
    if (!count) return std::unexpected(count.error());
    std::optional<std::uint32_t> answer;
    for (const ConnectorMessage& message : messages_) {
      if (message.confirmation && message.acknowledged == acknowledge) answer = message.confirmation_error;
      if (message.event) early_.push_back(*message.event);
    }
    messages_.clear();
    if (answer && *answer == 0) return {};
    if (answer) {
      errno = static_cast<int>(*answer);
      return refused("listen");
    }
    if (*count != 0) continue;
    pollfd ready{socket_.get(), POLLIN, 0};
    ::poll(&ready, 1, 10);
  }
  return busrt::base::fail(
      std::make_error_code(std::errc::timed_out),
      "process connector: the kernel does not confirm; it reports only to the initial PID namespace");
}

void Connector::wait(std::chrono::milliseconds most) {
  std::array<pollfd, 2> ready{pollfd{socket_.get(), POLLIN, 0}, pollfd{waker_.get(), POLLIN, 0}};
  const auto timeout = std::clamp<std::int64_t>(most.count(), 0, 3'600'000);
  if (early_.empty()) ::poll(ready.data(), ready.size(), static_cast<int>(timeout));
  if ((ready[1].revents & POLLIN) != 0) {
    eventfd_t value = 0;
    ::eventfd_read(waker_.get(), &value);
  }
}

void Connector::wake() {
  ::eventfd_write(waker_.get(), 1);
}

busrt::base::Result<std::size_t> Connector::read_some(std::size_t most) {
  for (mmsghdr& header : buffers_->headers) header.msg_hdr.msg_namelen = sizeof(sockaddr_nl);
  const auto vlen = static_cast<unsigned>(std::min(most, buffers_->headers.size()));
  int count = -1;
  do {
    count = ::recvmmsg(socket_.get(), buffers_->headers.data(), vlen, MSG_DONTWAIT, nullptr);
    reads_.fetch_add(1, std::memory_order_relaxed);
    if (count < 0 && errno == ENOBUFS) overflow_ = true;
  } while (count < 0 && (errno == ENOBUFS || errno == EINTR));
  if (count < 0 && errno == EAGAIN) return std::size_t{0};
  if (count < 0) return refused("receive");
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) take_datagram(i);
  return static_cast<std::size_t>(count);
}

void Connector::take_datagram(std::size_t index) {
  const mmsghdr& header = buffers_->headers.at(index);
  // Any process with CAP_NET_ADMIN can write to our socket; only the kernel has port 0.
  if (header.msg_hdr.msg_namelen != sizeof(sockaddr_nl) || buffers_->senders.at(index).nl_pid != 0) {
    foreign_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  const bool cut = (header.msg_hdr.msg_flags & MSG_TRUNC) != 0;
  const std::size_t first = messages_.size();
  const auto bytes = std::span(buffers_->bytes.at(index)).first(header.msg_len);
  if (!decode_datagram(bytes, messages_) || cut) malformed_.fetch_add(1, std::memory_order_relaxed);
  for (std::size_t i = first; i < messages_.size(); ++i) {
    if (messages_[i].cpu) sequence_.see(*messages_[i].cpu, messages_[i].sequence);
  }
  messages_seen_.fetch_add(messages_.size() - first, std::memory_order_relaxed);
}

busrt::base::Result<Drained> Connector::drain(EventQueue& queue) {
  Drained drained;
  for (const KernelEvent& event : early_) queue.push(event);
  early_.clear();
  while (true) {
    // A datagram holds one message, so room for a whole read is room enough.
    if (queue.room() < limits::messages_per_read) {
      drained.more = true;
      break;
    }
    auto count = read_some(limits::messages_per_read);
    if (!count) return std::unexpected(count.error());
    for (const ConnectorMessage& message : messages_) {
      if (message.event) queue.push(*message.event);
    }
    messages_.clear();
    // A short read means that the socket was empty a moment ago.
    if (*count < limits::messages_per_read) break;
  }
  count_losses(drained);
  return drained;
}

void Connector::count_losses(Drained& drained) {
  const bool new_holes = sequence_.missing() > holes_reported_ + drops_reported_;
  if (!overflow_ && !new_holes) return;
  const std::optional<std::uint64_t> drops = kernel_drops();
  drained.overflow = overflow_;
  if (overflow_ && drops) drained.dropped = *drops - drops_reported_;
  overflow_ = false;
  if (drops) drops_reported_ = std::max(drops_reported_, *drops);
  // Holes that the socket's own count explains are reported through it, now or with its next overflow.
  const std::uint64_t explained = drops_reported_ + holes_reported_;
  if (sequence_.missing() <= explained || (!drops && drained.overflow)) return;
  drained.unnumbered = sequence_.missing() - explained;
  holes_reported_ += drained.unnumbered;
}

std::optional<std::uint64_t> Connector::kernel_drops() const {
  std::array<std::uint32_t, meminfo_fields> info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket_.get(), SOL_SOCKET, socket_meminfo, info.data(), &size) != 0) return std::nullopt;
  if (size < sizeof info) return std::nullopt;
  return info[meminfo_drops];
}

KernelFeed::Numbers Connector::numbers() const {
  return {buffer_bytes_, messages_seen_.load(std::memory_order_relaxed),
          reads_.load(std::memory_order_relaxed), malformed_.load(std::memory_order_relaxed),
          foreign_.load(std::memory_order_relaxed)};
}

}  // namespace procmond::linux_os
