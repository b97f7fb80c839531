#include "transport/tls/tls_stream.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <utility>

namespace busrt::transport {

namespace {

using Status = TlsChannel::Status;

/// Records taken in one read: a peer that sends a small frame in each would otherwise have the loop decrypt
/// thousands of them before anybody else has a turn. Full records fill any room with fewer.
constexpr std::size_t records_per_read = 64;

/// Walks through the parts of a gather write.
class Gather {
 public:
  explicit Gather(std::span<const Part> parts) : parts_(parts) {}

  /// Up to one record's worth from the front: in place where it lies in one piece, else copied together. The
  /// same bytes come back, and perhaps more behind them, when a write is made again.
  std::span<const std::byte> front(std::span<std::byte, TlsChannel::record_bytes> staging) const {
    if (part_ == parts_.size()) return {};
    const auto first = rest_of(part_, offset_);
    if (first.size() >= staging.size() || part_ + 1 == parts_.size()) {
      return first.first(std::min(first.size(), staging.size()));
    }
    std::size_t count = 0;
    for (std::size_t i = part_; i < parts_.size() && count < staging.size(); ++i) {
      const auto rest = rest_of(i, i == part_ ? offset_ : 0);
      const std::size_t step = std::min(rest.size(), staging.size() - count);
      std::memcpy(staging.data() + count, rest.data(), step);
      count += step;
    }
    return staging.first(count);
  }

  void advance(std::size_t bytes) {
    while (bytes != 0 || (part_ != parts_.size() && offset_ == parts_[part_].size())) {
      const std::size_t step = std::min(bytes, parts_[part_].size() - offset_);
      offset_ += step;
      bytes -= step;
      if (offset_ == parts_[part_].size()) {
        ++part_;
        offset_ = 0;
      }
    }
  }

 private:
  [[nodiscard]] std::span<const std::byte> rest_of(std::size_t part, std::size_t offset) const {
    return parts_[part].subspan(offset);
  }

  std::span<const Part> parts_;
  std::size_t part_ = 0;
  std::size_t offset_ = 0;
};

class TlsStream final : public Stream, private StreamHandler, private EncryptedBytes {
 public:
  TlsStream(std::unique_ptr<Stream> inner, std::shared_ptr<const TlsContext> context,
            const TlsPeerRules& rules)
      : inner_(std::move(inner)), channel_(std::move(context), rules, *this), peer_(inner_->peer()) {}

  Result<> open(EventLoop& loop, StreamHandler& handler) override {
    loop_ = &loop;
    handler_ = &handler;
    return inner_->open(loop, *this);
  }

  IoResult read(std::span<std::byte> room) override;
  IoResult write(std::span<const Part> parts) override;

  void want(Interest interest) override {
    interest_ = interest;
    update();
    if (interest.read && look_again_) notify();
  }

  void close() override {
    if (handler_ == nullptr) return;
    handler_ = nullptr;
    channel_.say_goodbye();
    inner_->close();
  }

  [[nodiscard]] const Peer& peer() const noexcept override { return peer_; }
  [[nodiscard]] std::string_view failure() const noexcept override { return failure_; }

 private:
  // EncryptedBytes
  IoResult read_encrypted(std::span<std::byte> room) override { return inner_->read(room); }
  IoResult write_encrypted(std::span<const std::byte> bytes) override { return inner_->write({&bytes, 1}); }

  // StreamHandler
  void on_readable() override;
  void on_writable() override;
  void on_hang_up() override {
    if (handler_ != nullptr) handler_->on_hang_up();
  }

  void shake_hands();
  IoResult as_result(Status status);
  void update();
  void notify();

  std::unique_ptr<Stream> inner_;
  TlsChannel channel_;
  Peer peer_;
  EventLoop* loop_ = nullptr;
  StreamHandler* handler_ = nullptr;  // null once closed
  Interest interest_{.read = true, .write = false};
  std::string failure_;
  IoResult::Status ended_ = IoResult::Status::ok;  // what every later read says
  bool handshake_wants_write_ = false;
  bool read_wants_write_ = false;
  /// There may be decrypted bytes, or an end, of which the inner stream's readiness says nothing.
  bool look_again_ = false;
  bool notified_ = false;
  const std::shared_ptr<char> alive_ = std::make_shared<char>();  // watched by what is posted
};

void TlsStream::update() {
  if (!channel_.established() && ended_ == IoResult::Status::ok) {
    inner_->want({.read = true, .write = handshake_wants_write_});
  } else {
    inner_->want({.read = interest_.read, .write = interest_.write || read_wants_write_});
  }
}

/// The inner stream is level-triggered; what OpenSSL has taken from it is not seen there any more.
void TlsStream::notify() {
  if (std::exchange(notified_, true)) return;
  try {
    loop_->post([this, alive = std::weak_ptr<char>(alive_)] {
      if (alive.expired()) return;
      notified_ = false;
      if (handler_ != nullptr && interest_.read && look_again_) handler_->on_readable();
    });
  } catch (...) {
    notified_ = false;
    throw;
  }
}

IoResult TlsStream::as_result(Status status) {
  if (status == Status::wants_read || status == Status::wants_write) {
    return {IoResult::Status::would_block, 0, 0};
  }
  if (ended_ == IoResult::Status::ok) {
    ended_ = status == Status::failed ? IoResult::Status::failed : IoResult::Status::closed;
    if (status == Status::failed) failure_ = channel_.error().message;
  }
  return {ended_, 0, 0};
}

IoResult TlsStream::read(std::span<std::byte> room) {
  if (ended_ != IoResult::Status::ok) return {ended_, 0, 0};
  if (!channel_.established()) return {IoResult::Status::would_block, 0, 0};
  std::size_t total = 0;
  look_again_ = false;
  std::size_t records = 0;
  for (; total < room.size() && records < records_per_read; ++records) {
    const auto got = channel_.read(room.subspan(total));
    if (got.status == Status::ok) {
      total += got.bytes;
      continue;
    }
    if ((got.status == Status::wants_write) != read_wants_write_) {
      read_wants_write_ = got.status == Status::wants_write;
      update();
    }
    const IoResult result = as_result(got.status);
    if (total == 0) return result;
    look_again_ = result.status != IoResult::Status::would_block;
    break;
  }
  if (total == room.size() || records == records_per_read) look_again_ = true;
  if (look_again_) notify();
  return {IoResult::Status::ok, total, 0};
}

IoResult TlsStream::write(std::span<const Part> parts) {
  if (ended_ != IoResult::Status::ok) return {ended_, 0, 0};
  if (!channel_.established()) return {IoResult::Status::would_block, 0, 0};
  static thread_local std::array<std::byte, TlsChannel::record_bytes> staging;
  Gather gather(parts);
  std::size_t total = 0;
  for (;;) {
    const auto front = gather.front(staging);
    if (front.empty()) return {IoResult::Status::ok, total, 0};
    const auto put = channel_.write(front);
    if (put.status != Status::ok) {
      if (total != 0) return {IoResult::Status::ok, total, 0};
      // What ends the connection is reported by the next read; bytes from the peer may still lie before it.
      if (put.status == Status::closed) return {IoResult::Status::closed, 0, 0};
      return as_result(put.status);
    }
    total += put.bytes;
    gather.advance(put.bytes);
  }
}

void TlsStream::shake_hands() {
  const auto done = channel_.handshake();
  handshake_wants_write_ = done.status == Status::wants_write;
  if (done.status == Status::wants_read || done.status == Status::wants_write) {
    update();
    return;
  }
  if (done.status == Status::ok) {
    try {
      peer_.certificate = channel_.peer_certificate();
    } catch (const std::exception&) {
      // Without it the client would pass for a peer of which no certificate is asked.
      ended_ = IoResult::Status::failed;
      failure_ = "no memory";
    }
  } else {
    ended_ = IoResult::Status::failed;
    failure_ =
        done.status == Status::closed ? "the client left during the TLS handshake" : channel_.error().message;
  }
  update();
  if (interest_.write && channel_.established()) handler_->on_writable();
  // There may be more behind the handshake already, or there is its failure to be told.
  if (handler_ != nullptr && interest_.read) handler_->on_readable();
  if (handler_ != nullptr && !interest_.read && ended_ != IoResult::Status::ok) handler_->on_hang_up();
}

void TlsStream::on_readable() {
  if (handler_ == nullptr) return;
  if (!channel_.established() && ended_ == IoResult::Status::ok) {
    shake_hands();
  } else if (interest_.read) {
    handler_->on_readable();
  }
}

void TlsStream::on_writable() {
  if (handler_ == nullptr) return;
  if (!channel_.established() && ended_ == IoResult::Status::ok) {
    shake_hands();
    return;
  }
  if (read_wants_write_ && interest_.read) {
    handler_->on_readable();
    if (handler_ == nullptr) return;
  }
  if (interest_.write) handler_->on_writable();
}

}  // namespace

std::unique_ptr<Stream> make_tls_stream(std::unique_ptr<Stream> inner,
                                        std::shared_ptr<const TlsContext> context,
                                        const TlsPeerRules& rules) {
  return std::make_unique<TlsStream>(std::move(inner), std::move(context), rules);
}

}  // namespace busrt::transport
