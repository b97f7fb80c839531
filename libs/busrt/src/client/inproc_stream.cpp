// The client's stream over in-process pipes: the pipes' callbacks, which come on the broker's thread, are
// posted to the client's executor.

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <mutex>
#include <utility>

#include "client/stream.hpp"
#include "transport/inproc.hpp"

namespace busrt::detail {

namespace {

namespace asio = boost::asio;

/// What the pipes' callbacks share with the stream; it outlives the stream while a callback is under way.
class InprocState : public std::enable_shared_from_this<InprocState> {
 public:
  InprocState(asio::any_io_executor executor, std::shared_ptr<transport::InprocConnection> connection)
      : executor_(std::move(executor)), connection_(std::move(connection)) {}

  void watch() {
    const std::weak_ptr<InprocState> weak = weak_from_this();
    connection_->to_client.on_readable([weak] {
      if (auto self = weak.lock()) self->post_read();
    });
    connection_->to_broker.on_writable([weak] {
      if (auto self = weak.lock()) self->room_came();
    });
  }

  void start_read(std::span<std::byte> room, std::shared_ptr<StreamEvents> events) {
    const std::lock_guard lock(mutex_);
    const bool closed =
        connection_->to_client.closed();  // before reading: what was written before the close counts
    const std::size_t bytes = connection_->to_client.read(room);
    if (bytes != 0 || closed) {
      asio::post(executor_, [reader = std::move(events), bytes] { reader->on_read(bytes); });
      return;
    }
    room_ = room;
    reader_ = std::move(events);
  }
  void start_wait(std::shared_ptr<StreamEvents> events) {
    {
      const std::lock_guard lock(mutex_);
      writer_ = std::move(events);
    }
    // The room may have come between the refused write and now.
    if (room_came_.exchange(false)) post_writable();
  }

  /// Ends both directions. What waits is answered and let go here: it holds the connection, which holds this
  /// stream, and an executor that never runs again must not keep that circle alive. Once this has returned,
  /// no callback of the broker's thread uses the executor, whose context may be destroyed next.
  void close() {
    connection_->to_broker.close();
    connection_->to_client.close();
    auto [reader, writer] = take_waiting();
    const std::lock_guard executor_lock(executor_mutex_);
    if (!std::exchange(attached_, false)) return;
    if (reader) asio::post(executor_, [events = std::move(reader)] { events->on_read(0); });
    if (writer) asio::post(executor_, [events = std::move(writer)] { events->on_writable(); });
  }
  /// As close(), but what waits is not answered.
  void abandon() noexcept {
    {
      const std::lock_guard executor_lock(executor_mutex_);
      attached_ = false;
    }
    connection_->to_broker.close();
    connection_->to_client.close();
    static_cast<void>(take_waiting());
  }
  transport::InprocConnection& connection() { return *connection_; }

 private:
  using Events = std::shared_ptr<StreamEvents>;
  std::pair<Events, Events> take_waiting() {
    const std::lock_guard lock(mutex_);
    return {std::exchange(reader_, nullptr), std::exchange(writer_, nullptr)};
  }
  void post_read() {
    if (read_posted_.exchange(true)) return;
    const std::lock_guard lock(executor_mutex_);
    if (!attached_) return;
    try {
      asio::post(executor_, [self = shared_from_this()] { self->try_read(); });
    } catch (...) {
      read_posted_.store(false);
      throw;
    }
  }
  void room_came() {
    room_came_.store(true);
    post_writable();
  }
  void post_writable() {
    const std::lock_guard executor_lock(executor_mutex_);
    if (!attached_) return;
    asio::post(executor_, [self = shared_from_this()] {
      std::unique_lock lock(self->mutex_);
      const auto writer = std::exchange(self->writer_, nullptr);
      lock.unlock();
      if (writer) writer->on_writable();
    });
  }

  void try_read() {
    read_posted_.store(false);
    std::shared_ptr<StreamEvents> reader;
    std::size_t bytes = 0;
    {
      const std::lock_guard lock(mutex_);
      if (!reader_) return;
      const bool closed = connection_->to_client.closed();
      bytes = connection_->to_client.read(room_);
      if (bytes == 0 && !closed) return;
      reader = std::exchange(reader_, nullptr);
    }
    reader->on_read(bytes);
  }

  const asio::any_io_executor executor_;
  const std::shared_ptr<transport::InprocConnection> connection_;
  std::mutex executor_mutex_;  // held while the broker's thread posts, and taken last
  bool attached_ = true;       // guarded by executor_mutex_: the client's context is known to be there
  std::atomic<bool> read_posted_{false};
  std::atomic<bool> room_came_{false};
  std::mutex mutex_;
  std::span<std::byte> room_;             // guarded by mutex_, as are the next two
  std::shared_ptr<StreamEvents> reader_;  // set while a read is outstanding
  std::shared_ptr<StreamEvents> writer_;
};

class InprocStream final : public Stream {
 public:
  explicit InprocStream(std::shared_ptr<InprocState> state) : state_(std::move(state)) {}
  ~InprocStream() override { state_->close(); }

  void read(std::span<std::byte> room, std::shared_ptr<StreamEvents> events) override {
    state_->start_read(room, std::move(events));
  }
  Result<std::size_t> write(std::span<const std::byte> bytes) override {
    auto& pipe = state_->connection().to_broker;
    const std::size_t taken = pipe.write(bytes);
    if (taken != 0) return taken;
    if (pipe.closed()) return fail(errc::io, "the broker has closed the connection");
    return fail(errc::would_block);
  }
  void wait_writable(std::shared_ptr<StreamEvents> events) override { state_->start_wait(std::move(events)); }
  void close() override { state_->close(); }
  void abandon() noexcept override { state_->abandon(); }

 private:
  const std::shared_ptr<InprocState> state_;
};

}  // namespace

Result<std::unique_ptr<Stream>> make_inproc_stream(const asio::any_io_executor& executor,
                                                   const LocalEndpoint& endpoint) {
  auto connection = endpoint.connector()->connect();
  if (!connection) return std::unexpected(std::move(connection).error());
  auto state = std::make_shared<InprocState>(executor, *std::move(connection));
  state->watch();
  return std::make_unique<InprocStream>(std::move(state));
}

}  // namespace busrt::detail
