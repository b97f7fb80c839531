#include "transport/inproc_stream.hpp"

#include <atomic>
#include <mutex>
#include <utility>

namespace busrt::transport {

namespace {

class InprocStream final : public Stream, public std::enable_shared_from_this<InprocStream> {
 public:
  InprocStream(std::shared_ptr<InprocConnection> connection, Peer peer)
      : connection_(std::move(connection)), peer_(std::move(peer)) {}

  Result<> open(EventLoop& loop, StreamHandler& handler) override {
    {
      const std::lock_guard lock(loop_mutex_);
      loop_ = &loop;
    }
    handler_ = &handler;
    interest_ = {.read = true, .write = false};
    // The pipes outlive this stream in the client's hands, hence the weak reference; the flag folds many
    // wake-ups that happen before the loop gets to them into one.
    const std::weak_ptr<InprocStream> weak = weak_from_this();
    connection_->to_client.on_writable([weak] {
      if (auto self = weak.lock()) self->notify();
    });
    connection_->to_broker.on_readable([weak] {
      if (auto self = weak.lock()) self->notify();
    });
    return {};
  }

  IoResult read(std::span<std::byte> room) override {
    const bool closed =
        connection_->to_broker.closed();  // before reading: bytes written before the close count
    const std::size_t got = connection_->to_broker.read(room);
    if (got != 0) {
      // Wake-ups come when an empty pipe fills: a pipe that is not empty yet must be looked at again.
      if (got == room.size() || closed) notify();
      return {IoResult::Status::ok, got, 0};
    }
    return {closed ? IoResult::Status::closed : IoResult::Status::would_block, 0, 0};
  }

  IoResult write(std::span<const Part> parts) override {
    std::size_t total = 0;
    for (const Part part : parts) {
      const std::size_t put = connection_->to_client.write(part);
      total += put;
      if (put < part.size()) break;
    }
    if (total == 0 && !parts.empty()) {
      const bool closed = connection_->to_client.closed();
      return {closed ? IoResult::Status::closed : IoResult::Status::would_block, 0, 0};
    }
    return {IoResult::Status::ok, total, 0};
  }

  void want(Interest interest) override {
    const bool more = (interest.read && !interest_.read) || (interest.write && !interest_.write);
    interest_ = interest;
    if (more) notify();
  }

  void close() override {
    handler_ = nullptr;
    {
      const std::lock_guard lock(loop_mutex_);
      loop_ = nullptr;
    }
    connection_->to_broker.on_readable(nullptr);
    connection_->to_client.on_writable(nullptr);
    connection_->to_broker.close();
    connection_->to_client.close();
  }
  void abort() override {
    connection_->aborted.store(true, std::memory_order_release);
    close();
  }

  [[nodiscard]] const Peer& peer() const noexcept override { return peer_; }

 private:
  /// From any thread: have the loop look at this stream. A callback that the peer's thread took from the pipe
  /// before close() may run after it, when the loop may be gone.
  void notify() {
    if (notified_.exchange(true, std::memory_order_acq_rel)) return;
    try {
      const std::lock_guard lock(loop_mutex_);
      if (loop_ == nullptr) return;
      loop_->post([weak = weak_from_this()] {
        if (auto self = weak.lock()) self->look();
      });
    } catch (...) {
      notified_.store(false, std::memory_order_release);
      throw;
    }
  }

  void look() {
    notified_.store(false, std::memory_order_release);
    if (handler_ != nullptr && interest_.write) handler_->on_writable();
    if (handler_ != nullptr && interest_.read) handler_->on_readable();
  }

  std::shared_ptr<InprocConnection> connection_;
  Peer peer_;
  std::mutex loop_mutex_;
  EventLoop* loop_ = nullptr;  // until close()
  StreamHandler* handler_ = nullptr;
  Interest interest_;
  std::atomic<bool> notified_{false};
};

/// Streams are owned uniquely by sessions; this one is shared with callbacks that may be under way on client
/// threads.
class InprocStreamOwner final : public Stream {
 public:
  explicit InprocStreamOwner(std::shared_ptr<InprocStream> stream) : stream_(std::move(stream)) {}
  ~InprocStreamOwner() override { stream_->close(); }
  Result<> open(EventLoop& loop, StreamHandler& handler) override { return stream_->open(loop, handler); }
  IoResult read(std::span<std::byte> room) override { return stream_->read(room); }
  IoResult write(std::span<const Part> parts) override { return stream_->write(parts); }
  void want(Interest interest) override { stream_->want(interest); }
  void close() override { stream_->close(); }
  void abort() override { stream_->abort(); }
  [[nodiscard]] const Peer& peer() const noexcept override { return stream_->peer(); }

 private:
  std::shared_ptr<InprocStream> stream_;
};

}  // namespace

std::unique_ptr<Stream> make_inproc_stream(std::shared_ptr<InprocConnection> connection, Peer peer) {
  return std::make_unique<InprocStreamOwner>(
      std::make_shared<InprocStream>(std::move(connection), std::move(peer)));
}

}  // namespace busrt::transport
