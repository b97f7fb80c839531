// Non-blocking writes over a pipe that only knows completions: what is written is copied, one write at a
// time.
#include "client/windows/pipe_stream.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/windows/overlapped_ptr.hpp>
#include <boost/asio/windows/stream_handle.hpp>
#include <mutex>
#include <utility>

#include "busrt/base/byte_buffer.hpp"

namespace busrt::detail {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

/// Most bytes of one write; the rest waits in the client's own buffer, which is bounded and counted.
constexpr std::size_t max_write_bytes = 64U << 10;

/// Shared with the operations under way. When the connection is closed, bytes already taken still go out, and
/// the pipe is closed after them.
class PipeState : public std::enable_shared_from_this<PipeState> {
 public:
  explicit PipeState(asio::windows::stream_handle pipe) : pipe_(std::move(pipe)) {}

  void read(std::span<std::byte> room, std::shared_ptr<StreamEvents> events) {
    const std::lock_guard lock(mutex_);
    asio::windows::overlapped_ptr operation(
        pipe_.get_executor(),
        [self = shared_from_this(), reader = std::move(events)](error_code error, std::size_t bytes) {
          self->read_done(error, bytes, *reader);
        });
    if (closing_) return operation.complete(asio::error::operation_aborted, 0);
    reading_ = operation.get();
    begin(operation, ::ReadFile(pipe_.native_handle(), room.data(), static_cast<DWORD>(room.size()), nullptr,
                                operation.get()));
  }

  Result<std::size_t> write(std::span<const std::byte> bytes) {
    const std::lock_guard lock(mutex_);
    if (closing_) return fail(errc::io, "write: the connection is closed");
    if (write_error_) return fail(errc::io, "write: " + write_error_.message());
    if (writing_) return fail(errc::would_block);
    const std::size_t count = std::min(bytes.size(), max_write_bytes);
    output_.clear();
    output_.append(bytes.first(count));
    asio::windows::overlapped_ptr operation(
        pipe_.get_executor(),
        [self = shared_from_this()](error_code error, std::size_t) { self->write_done(error); });
    writing_ = true;
    begin(operation, ::WriteFile(pipe_.native_handle(), std::as_const(output_).data().data(),
                                 static_cast<DWORD>(count), nullptr, operation.get()));
    return count;
  }

  void wait_writable(std::shared_ptr<StreamEvents> events) {
    const std::lock_guard lock(mutex_);
    if (writing_) {
      waiter_ = std::move(events);
    } else {
      asio::post(pipe_.get_executor(), [waiting = std::move(events)] { waiting->on_writable(); });
    }
  }

  void close() {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    if (!writing_) return close_pipe();
    if (reading_ != nullptr) ::CancelIoEx(pipe_.native_handle(), reading_);
    // The waiting caller completes now, not when the other end reads.
    if (auto waiting = std::exchange(waiter_, nullptr)) {
      asio::post(pipe_.get_executor(), [told = std::move(waiting)] { told->on_writable(); });
    }
  }

 private:
  /// Leaves the operation to the system, or completes it with what went wrong at once. What succeeds at once
  /// completes through the loop as well.
  static void begin(asio::windows::overlapped_ptr& operation, BOOL done) {
    const DWORD error = done != 0 ? ERROR_SUCCESS : ::GetLastError();
    if (error == ERROR_SUCCESS || error == ERROR_IO_PENDING) {
      operation.release();
    } else {
      operation.complete(error_code(static_cast<int>(error), asio::error::get_system_category()), 0);
    }
  }

  void read_done(error_code error, std::size_t bytes, StreamEvents& reader) {
    {
      const std::lock_guard lock(mutex_);
      reading_ = nullptr;
    }
    if (!error || error == asio::error::eof || transport::means_closed(static_cast<DWORD>(error.value()))) {
      reader.on_read(error ? 0 : bytes);
    } else {
      reader.on_read(fail(errc::io, "read: " + error.message()));
    }
  }

  void write_done(error_code error) {
    std::shared_ptr<StreamEvents> waiting;
    {
      const std::lock_guard lock(mutex_);
      writing_ = false;
      write_error_ = error;
      output_.release();
      waiting = std::exchange(waiter_, nullptr);
      if (closing_) close_pipe();
    }
    if (waiting) waiting->on_writable();
  }

  void close_pipe() {
    error_code ignored;
    pipe_.close(ignored);
  }

  std::mutex mutex_;
  asio::windows::stream_handle pipe_;
  OVERLAPPED* reading_ = nullptr;  // while a read is under way
  bool writing_ = false;
  bool closing_ = false;
  base::ByteBuffer output_;  // the write under way
  error_code write_error_;
  std::shared_ptr<StreamEvents> waiter_;
};

class PipeStream final : public Stream {
 public:
  explicit PipeStream(std::shared_ptr<PipeState> state) : state_(std::move(state)) {}
  ~PipeStream() override { state_->close(); }
  void read(std::span<std::byte> room, std::shared_ptr<StreamEvents> events) override {
    state_->read(room, std::move(events));
  }
  Result<std::size_t> write(std::span<const std::byte> bytes) override { return state_->write(bytes); }
  void wait_writable(std::shared_ptr<StreamEvents> events) override {
    state_->wait_writable(std::move(events));
  }
  void close() override { state_->close(); }

 private:
  std::shared_ptr<PipeState> state_;
};

}  // namespace

Result<std::unique_ptr<Stream>> make_pipe_stream(const asio::any_io_executor& executor,
                                                 transport::Handle pipe) {
  asio::windows::stream_handle watched(executor);
  error_code error;
  watched.assign(pipe.get(), error);
  if (error) return fail(errc::io, "cannot watch the connection: " + error.message());
  (void)pipe.release();
  return std::make_unique<PipeStream>(std::make_shared<PipeState>(std::move(watched)));
}

}  // namespace busrt::detail
