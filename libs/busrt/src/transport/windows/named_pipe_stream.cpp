// Readiness over a pipe that only knows completions: one read is always under way into the stream's own
// memory, and what is written is copied, one write at a time.
#include <algorithm>
#include <cstring>
#include <utility>

#include "busrt/base/byte_buffer.hpp"
#include "transport/windows/completion_port.hpp"
#include "transport/windows/named_pipe.hpp"

namespace busrt::transport {

namespace {

/// Most bytes of one read, which each stream has room for.
constexpr std::size_t read_bytes = 64U << 10;

/// Most bytes of one write: what a session sends while the one before is under way goes out with the next.
constexpr std::size_t max_write_bytes = 64U << 10;

IoResult ended(DWORD error) noexcept {
  return {means_closed(error) ? IoResult::Status::closed : IoResult::Status::failed, 0,
          static_cast<int>(error)};
}

/// Shared with the operations under way, which may outlive the stream: when a session ends, the last bytes it
/// handed over still go out, and the pipe is closed after them.
class PipeState : public std::enable_shared_from_this<PipeState> {
 public:
  PipeState(Handle pipe, Peer peer) : pipe_(std::move(pipe)), peer_(std::move(peer)) {}

  Result<> open(EventLoop& loop, StreamHandler& handler) {
    loop_ = &loop;
    // Every loop of this system has this poller.
    port_ = static_cast<CompletionPort*>(&loop.poller());
    if (auto associated = port_->associate(pipe_.get()); !associated) return associated;
    handler_ = &handler;
    input_ = std::make_unique_for_overwrite<std::byte[]>(read_bytes);
    start_read();
    return {};
  }

  IoResult read(std::span<std::byte> room) {
    if (begin_ == end_) {
      if (read_error_ != 0) return ended(read_error_);
      return {IoResult::Status::would_block, 0, 0};
    }
    const std::size_t count = std::min(room.size(), end_ - begin_);
    std::memcpy(room.data(), input_.get() + begin_, count);
    begin_ += count;
    if (begin_ == end_) {
      start_read();
    } else {
      look_soon();
    }
    return {IoResult::Status::ok, count, 0};
  }

  IoResult write(std::span<const Part> parts) {
    if (write_error_ != 0) return ended(write_error_);
    if (write_.under_way()) return {IoResult::Status::would_block, 0, 0};
    output_.clear();
    for (const Part part : parts) {
      const std::size_t room = max_write_bytes - output_.size();
      output_.append(part.first(std::min(part.size(), room)));
      if (part.size() >= room) break;
    }
    if (output_.empty()) return {IoResult::Status::ok, 0, 0};
    const auto bytes = std::as_const(output_).data();
    write_.keep = shared_from_this();
    write_error_ = port_->write(write_, pipe_.get(), bytes.data(), bytes.size());
    if (write_error_ != 0) {
      write_.keep.reset();
      return ended(write_error_);
    }
    return {IoResult::Status::ok, bytes.size(), 0};
  }

  void want(Interest interest) {
    const bool more = (interest.read && !interest_.read) || (interest.write && !interest_.write);
    interest_ = interest;
    if (more) look_soon();
  }

  void close() {
    handler_ = nullptr;
    closed_ = true;
    read_.cancel();
    close_pipe_if_idle();
  }

  [[nodiscard]] const Peer& peer() const noexcept { return peer_; }

 private:
  template <void (PipeState::*Done)(DWORD, std::size_t)>
  struct PipeOperation final : Operation {
    explicit PipeOperation(PipeState& state) : owner(state) {}
    void completed(DWORD error, std::size_t bytes) override {
      const auto kept = std::exchange(keep, nullptr);
      (owner.*Done)(error, bytes);
    }
    PipeState& owner;
    std::shared_ptr<PipeState> keep;  // while under way
  };

  void start_read() {
    begin_ = end_ = 0;
    read_.keep = shared_from_this();
    read_error_ = port_->read(read_, pipe_.get(), input_.get(), read_bytes);
    if (read_error_ == 0) return;
    read_.keep.reset();
    look_soon();
  }

  void read_done(DWORD error, std::size_t bytes) {
    if (closed_) return close_pipe_if_idle();
    read_error_ = error;
    end_ = bytes;
    if (error == 0 && bytes == 0) return start_read();  // an empty write of the peer
    look();
  }

  void write_done(DWORD error, std::size_t /*bytes*/) {
    output_.release();
    if (closed_) return close_pipe_if_idle();
    write_error_ = error;
    if (interest_.write) handler_->on_writable();
  }

  void close_pipe_if_idle() {
    if (read_.under_way()) return;
    input_.reset();
    if (!write_.under_way()) pipe_.reset();
  }

  /// Have the loop look at this stream again, after what it does now.
  void look_soon() {
    if (std::exchange(look_posted_, true)) return;
    loop_->post([weak = weak_from_this()] {
      if (auto self = weak.lock()) {
        self->look_posted_ = false;
        self->look();
      }
    });
  }

  void look() {
    if (handler_ != nullptr && interest_.write && !write_.under_way()) handler_->on_writable();
    if (handler_ == nullptr || (begin_ == end_ && read_error_ == 0)) return;
    if (interest_.read) {
      handler_->on_readable();
    } else if (read_error_ != 0 && !std::exchange(hang_up_told_, true)) {
      handler_->on_hang_up();
    }
  }

  Handle pipe_;
  Peer peer_;
  EventLoop* loop_ = nullptr;
  CompletionPort* port_ = nullptr;
  StreamHandler* handler_ = nullptr;
  Interest interest_{.read = true, .write = false};
  PipeOperation<&PipeState::read_done> read_{*this};
  PipeOperation<&PipeState::write_done> write_{*this};
  std::unique_ptr<std::byte[]> input_;
  std::size_t begin_ = 0;  // of what was read and not taken yet
  std::size_t end_ = 0;
  DWORD read_error_ = 0;  // why no more will be read
  base::ByteBuffer output_;
  DWORD write_error_ = 0;
  bool look_posted_ = false;
  bool hang_up_told_ = false;
  bool closed_ = false;
};

class PipeStream final : public Stream {
 public:
  explicit PipeStream(std::shared_ptr<PipeState> state) : state_(std::move(state)) {}
  ~PipeStream() override { state_->close(); }
  Result<> open(EventLoop& loop, StreamHandler& handler) override { return state_->open(loop, handler); }
  IoResult read(std::span<std::byte> room) override { return state_->read(room); }
  IoResult write(std::span<const Part> parts) override { return state_->write(parts); }
  void want(Interest interest) override { state_->want(interest); }
  void close() override { state_->close(); }
  [[nodiscard]] const Peer& peer() const noexcept override { return state_->peer(); }

 private:
  std::shared_ptr<PipeState> state_;
};

}  // namespace

std::unique_ptr<Stream> make_pipe_stream(Handle pipe, Peer peer) {
  return std::make_unique<PipeStream>(std::make_shared<PipeState>(std::move(pipe), std::move(peer)));
}

}  // namespace busrt::transport
