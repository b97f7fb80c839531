// Two ways for one thread to receive and send on many sockets: epoll with a system call for each, and
// io_uring.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace bench {

enum class IoKind {
  epoll,        ///< epoll_wait, then recv and send for each socket: what the broker does
  epoll_sends,  ///< the same, but all sends of a batch are one submission to an io_uring
  ring,         ///< multishot receive, and sends submitted together with the next look (DEFER_TASKRUN)
  ring_coop,    ///< the same with COOP_TASKRUN: the kernel's part of a receive runs in any system call
};

/// What the sockets' owner does with what arrives.
class Receiver {
 public:
  virtual ~Receiver() = default;
  virtual void received(std::size_t socket, std::size_t bytes) = 0;
};

/// Belongs to one thread. Sockets are named by their place in the list that it was made with.
class AckIo {
 public:
  virtual ~AckIo() = default;
  /// Finds what has arrived, without sleeping.
  virtual void look() = 0;
  /// The same, but sleeps until something has arrived.
  virtual void sleep() = 0;
  [[nodiscard]] virtual bool found_any() const = 0;
  /// Receives what was found. False at the end of a stream.
  [[nodiscard]] virtual bool receive(Receiver& receiver) = 0;
  /// Sends so many bytes, whose values do not matter: now, at the end of the batch, or with the next look.
  virtual void send(std::size_t socket, std::size_t bytes) = 0;
  virtual void end_of_batch() {}
  /// True where sends wait for the next look or sleep.
  [[nodiscard]] virtual bool holds_sends() const { return false; }
};

/// The most bytes that send() takes.
inline constexpr std::size_t most_sent_bytes = 4096;

[[nodiscard]] std::unique_ptr<AckIo> make_ack_io(IoKind kind, std::span<const int> sockets);

}  // namespace bench
