#include "ack_io.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "ring.hpp"

namespace bench {

namespace {

constexpr std::size_t read_chunk_bytes = 256U << 10;  // the broker's
constexpr std::uint64_t send_tag = std::uint64_t{1} << 32;

const std::array<std::byte, most_sent_bytes> sent_bytes{};

/// Only a send that fails or is short has a completion, and none is expected to.
void prepare_send(Ring& ring, std::size_t socket, std::size_t bytes) {
  io_uring_sqe& entry = ring.prepare(IORING_OP_SEND, socket, send_tag);
  entry.flags |= IOSQE_CQE_SKIP_SUCCESS;
  entry.addr = reinterpret_cast<std::uintptr_t>(sent_bytes.data());
  entry.len = static_cast<unsigned>(bytes);
  entry.msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL | MSG_WAITALL;
}

class EpollIo : public AckIo {
 public:
  explicit EpollIo(std::span<const int> sockets)
      : sockets_(sockets.begin(), sockets.end()), epoll_(::epoll_create1(0)), buffer_(read_chunk_bytes) {
    for (std::size_t i = 0; i < sockets_.size(); ++i) {
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = i;
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, sockets_[i], &event);
    }
  }
  ~EpollIo() override { ::close(epoll_); }
  EpollIo(const EpollIo&) = delete;
  EpollIo& operator=(const EpollIo&) = delete;

  void look() override { wait(0); }
  void sleep() override { wait(-1); }
  [[nodiscard]] bool found_any() const override { return count_ > 0; }

  [[nodiscard]] bool receive(Receiver& receiver) override {
    for (int i = 0; i < count_; ++i) {
      const std::size_t socket = events_[static_cast<std::size_t>(i)].data.u64;
      const auto got = ::recv(sockets_[socket], buffer_.data(), buffer_.size(), MSG_DONTWAIT);
      if (got == 0) return false;
      if (got < 0) throw std::system_error(errno, std::generic_category(), "recv");
      receiver.received(socket, static_cast<std::size_t>(got));
    }
    return true;
  }

  void send(std::size_t socket, std::size_t bytes) override {
    const auto put = ::send(sockets_[socket], sent_bytes.data(), bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (put != static_cast<ssize_t>(bytes)) throw std::runtime_error("send");
  }

 private:
  void wait(int timeout) {
    count_ = ::epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), timeout);
  }

  std::vector<int> sockets_;
  int epoll_;
  std::vector<std::byte> buffer_;
  std::array<epoll_event, 128> events_{};
  int count_ = 0;
};

class EpollIoWithRingSends final : public EpollIo {
 public:
  explicit EpollIoWithRingSends(std::span<const int> sockets)
      : EpollIo(sockets), ring_(sockets, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN) {}

  void send(std::size_t socket, std::size_t bytes) override { prepare_send(ring_, socket, bytes); }
  void end_of_batch() override {
    ring_.submit();
    if (ring_.has_completions()) throw std::runtime_error("send");
  }

 private:
  Ring ring_;
};

class RingIo final : public AckIo {
 public:
  RingIo(std::span<const int> sockets, unsigned flags)
      : ring_(sockets, flags | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_TASKRUN_FLAG), buffers_(ring_) {
    for (std::size_t i = 0; i < sockets.size(); ++i) receive_on(i);
  }

  void look() override { ring_.look(); }
  void sleep() override { ring_.wait(); }
  [[nodiscard]] bool found_any() const override { return ring_.has_completions(); }

  [[nodiscard]] bool receive(Receiver& receiver) override {
    bool open = true;
    ring_.take_completions([&](const io_uring_cqe& completion) {
      if (completion.user_data >= send_tag) throw std::runtime_error("send");
      if (completion.res == 0) {
        open = false;
      } else {
        handle(completion, receiver);
      }
    });
    return open;
  }

  void send(std::size_t socket, std::size_t bytes) override { prepare_send(ring_, socket, bytes); }
  [[nodiscard]] bool holds_sends() const override { return ring_.has_unsubmitted(); }

 private:
  void receive_on(std::size_t socket) {
    io_uring_sqe& entry = ring_.prepare(IORING_OP_RECV, socket, socket);
    entry.flags |= IOSQE_BUFFER_SELECT;
    entry.ioprio = IORING_RECV_MULTISHOT;
  }

  void handle(const io_uring_cqe& completion, Receiver& receiver) {
    const auto socket = static_cast<std::size_t>(completion.user_data);
    if (completion.res > 0) {
      receiver.received(socket, buffers_.received(completion).size());
      buffers_.give_back(completion);
    } else if (completion.res != -ENOBUFS) {
      throw std::system_error(-completion.res, std::generic_category(), "recv");
    }
    if ((completion.flags & IORING_CQE_F_MORE) == 0) receive_on(socket);
  }

  Ring ring_;
  ReceiveBuffers buffers_;
};

}  // namespace

std::unique_ptr<AckIo> make_ack_io(IoKind kind, std::span<const int> sockets) {
  switch (kind) {
    case IoKind::epoll:
      return std::make_unique<EpollIo>(sockets);
    case IoKind::epoll_sends:
      return std::make_unique<EpollIoWithRingSends>(sockets);
    case IoKind::ring:
      return std::make_unique<RingIo>(sockets, IORING_SETUP_DEFER_TASKRUN);
    case IoKind::ring_coop:
      return std::make_unique<RingIo>(sockets, IORING_SETUP_COOP_TASKRUN);
  }
  throw std::logic_error("no such kind");
}

}  // namespace bench
