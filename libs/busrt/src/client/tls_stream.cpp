// TLS over any other stream of the client.
#include <algorithm>
#include <boost/asio/post.hpp>
#include <cstring>
#include <mutex>
#include <optional>
#include <utility>

#include "busrt/base/byte_buffer.hpp"
#include "client/stream.hpp"
#include "transport/tls/tls_channel.hpp"

namespace busrt::detail {

namespace {

namespace asio = boost::asio;
using transport::IoResult;
using transport::TlsChannel;
using Status = TlsChannel::Status;

/// Encrypted bytes per read of the inner stream.
constexpr std::size_t encrypted_chunk_bytes = 64U << 10;

/// The connection and what waits on it. Outlives the stream while a completion of the inner stream is under
/// way.
class TlsState final : public StreamEvents,
                       private transport::EncryptedBytes,
                       public std::enable_shared_from_this<TlsState> {
 public:
  TlsState(asio::any_io_executor executor, std::unique_ptr<Stream> inner,
           std::shared_ptr<const transport::TlsContext> context, const transport::TlsPeerRules& rules)
      : executor_(std::move(executor)),
        inner_(std::move(inner)),
        channel_(std::move(context), rules, *this) {}

  void read(std::span<std::byte> room, std::shared_ptr<StreamEvents> events) {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    room_ = room;
    reader_ = std::move(events);
    if (auto result = try_read()) {
      asio::post(executor_, [reader = std::exchange(reader_, nullptr), got = *std::move(result)]() mutable {
        reader->on_read(std::move(got));
      });
    }
  }

  Result<std::size_t> write(std::span<const std::byte> bytes) {
    const std::lock_guard lock(mutex_);
    if (!channel_.established()) return fail(errc::would_block);
    const auto put = channel_.write(bytes);
    if (put.status == Status::ok) return put.bytes;
    if (put.status == Status::wants_write) return fail(errc::would_block);
    if (put.status == Status::failed) return std::unexpected(channel_.error());
    if (output_error_) return std::unexpected(*output_error_);
    return fail(errc::io, "the broker has closed the connection");
  }

  void wait_writable(std::shared_ptr<StreamEvents> events) {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    writer_ = std::move(events);
    wait_for_inner();
  }

  void close() {
    std::shared_ptr<StreamEvents> reader;
    std::shared_ptr<StreamEvents> writer;
    const std::lock_guard lock(mutex_);
    if (std::exchange(closed_, true)) return;
    reader.swap(reader_);
    writer.swap(writer_);
    channel_.say_goodbye();
    inner_->close();
  }
  void abandon() noexcept {
    std::shared_ptr<StreamEvents> reader;
    std::shared_ptr<StreamEvents> writer;
    const std::lock_guard lock(mutex_);
    closed_ = true;
    reader.swap(reader_);
    writer.swap(writer_);
    inner_->abandon();
  }

  // StreamEvents of the inner stream
  void on_read(Result<std::size_t> bytes) override;
  void on_writable() override;

 private:
  using ReadResult = std::optional<Result<std::size_t>>;

  // EncryptedBytes, under the lock
  IoResult read_encrypted(std::span<std::byte> room) override;
  IoResult write_encrypted(std::span<const std::byte> bytes) override;

  ReadResult try_read();
  ReadResult progress();
  void wait_for_inner();

  const asio::any_io_executor executor_;
  std::mutex mutex_;  // guards everything below; OpenSSL's session is used by one thread at a time
  const std::unique_ptr<Stream> inner_;
  TlsChannel channel_;
  base::ByteBuffer input_;  // encrypted, not yet taken by the channel
  bool input_ended_ = false;
  std::optional<Error> input_error_;
  std::optional<Error> output_error_;
  bool inner_reads_ = false;  // a read of the inner stream is outstanding, and it owns the end of input_
  bool inner_waits_ = false;  // so is a wait for its writability
  bool read_waits_to_write_ = false;
  std::span<std::byte> room_;
  std::shared_ptr<StreamEvents> reader_;
  std::shared_ptr<StreamEvents> writer_;
  bool closed_ = false;
};

IoResult TlsState::read_encrypted(std::span<std::byte> room) {
  if (input_.empty()) {
    if (input_ended_) return {IoResult::Status::closed, 0, 0};
    return {IoResult::Status::would_block, 0, 0};
  }
  const std::size_t count = std::min(room.size(), input_.size());
  std::memcpy(room.data(), input_.data().data(), count);
  input_.consume(count);
  return {IoResult::Status::ok, count, 0};
}

IoResult TlsState::write_encrypted(std::span<const std::byte> bytes) {
  const auto put = inner_->write(bytes);
  if (put) return {IoResult::Status::ok, *put, 0};
  const bool wait = put.error().code == errc::would_block;
  if (!wait) output_error_ = put.error();
  return {wait ? IoResult::Status::would_block : IoResult::Status::failed, 0, 0};
}

void TlsState::wait_for_inner() {
  if (std::exchange(inner_waits_, true)) return;
  inner_->wait_writable(shared_from_this());
}

/// Returns the result of the outstanding read; nothing if it has to wait, which it then does.
TlsState::ReadResult TlsState::try_read() {
  auto result = progress();
  if (result || inner_reads_ || read_waits_to_write_) return result;
  inner_reads_ = true;
  inner_->read({input_.prepare(encrypted_chunk_bytes), encrypted_chunk_bytes}, shared_from_this());
  return std::nullopt;
}

TlsState::ReadResult TlsState::progress() {
  std::size_t total = 0;
  read_waits_to_write_ = false;
  for (;;) {
    const bool greeting = !channel_.established();
    const auto step = greeting ? channel_.handshake() : channel_.read(room_.subspan(total));
    total += step.bytes;
    if (step.status == Status::ok) {
      if (greeting && writer_) wait_for_inner();
      if (total == room_.size()) return total;
      continue;
    }
    // What ended the connection is found again by the next read.
    if (total != 0) return total;
    switch (step.status) {
      case Status::wants_write:
        read_waits_to_write_ = true;
        wait_for_inner();
        return std::nullopt;
      case Status::closed:
        if (input_error_) return std::unexpected(*input_error_);
        if (output_error_) return std::unexpected(*output_error_);
        if (greeting) return fail(errc::io, "the broker closed the connection in the TLS handshake");
        return std::size_t{0};
      case Status::failed:
        return std::unexpected(channel_.error());
      default:
        return std::nullopt;
    }
  }
}

void TlsState::on_read(Result<std::size_t> bytes) {
  std::unique_lock lock(mutex_);
  inner_reads_ = false;
  if (bytes) {
    input_.commit(*bytes);
    input_ended_ = *bytes == 0;
  } else {
    input_error_ = bytes.error();
    input_ended_ = true;
  }
  if (!reader_) return;
  auto result = try_read();
  if (!result) return;
  const auto reader = std::exchange(reader_, nullptr);
  lock.unlock();
  reader->on_read(*std::move(result));
}

void TlsState::on_writable() {
  std::unique_lock lock(mutex_);
  inner_waits_ = false;
  const auto writer = channel_.established() ? std::exchange(writer_, nullptr) : nullptr;
  ReadResult result;
  std::shared_ptr<StreamEvents> reader;
  // The read may have been the one that waits: its answer to the peer goes first.
  if (reader_ && !inner_reads_) result = try_read();
  if (result) reader = std::exchange(reader_, nullptr);
  lock.unlock();
  if (reader) reader->on_read(*std::move(result));
  if (writer) writer->on_writable();
}

class TlsStream final : public Stream {
 public:
  explicit TlsStream(std::shared_ptr<TlsState> state) : state_(std::move(state)) {}
  ~TlsStream() override { state_->close(); }

  void read(std::span<std::byte> room, std::shared_ptr<StreamEvents> events) override {
    state_->read(room, std::move(events));
  }
  Result<std::size_t> write(std::span<const std::byte> bytes) override { return state_->write(bytes); }
  void wait_writable(std::shared_ptr<StreamEvents> events) override {
    state_->wait_writable(std::move(events));
  }
  void close() override { state_->close(); }
  void abandon() noexcept override { state_->abandon(); }

 private:
  const std::shared_ptr<TlsState> state_;
};

}  // namespace

Result<std::unique_ptr<Stream>> make_tls_stream(const asio::any_io_executor& executor,
                                                std::unique_ptr<Stream> inner, const TlsFiles& files,
                                                const std::string& server_name) {
  auto context = transport::TlsContext::load(transport::TlsRole::client, files);
  if (!context) return std::unexpected(std::move(context).error());
  transport::TlsPeerRules rules;
  rules.server_name = server_name;
  return std::make_unique<TlsStream>(
      std::make_shared<TlsState>(executor, std::move(inner), *std::move(context), rules));
}

}  // namespace busrt::detail
