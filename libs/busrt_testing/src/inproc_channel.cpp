// An in-process connection under a WireClient.
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "busrt_testing/wire_client.hpp"
#include "transport/inproc.hpp"

namespace busrt_testing {

namespace {

class InprocChannel final : public Channel {
 public:
  explicit InprocChannel(const busrt::LocalEndpoint& endpoint) {
    auto connection = endpoint.connector()->connect();
    if (!connection) throw std::runtime_error("cannot connect: " + connection.error().describe());
    connection_ = std::move(*connection);
    connection_->to_client.on_readable([signal = signal_] { signal->raise(); });
    connection_->to_broker.on_writable([signal = signal_] { signal->raise(); });
  }
  ~InprocChannel() override { InprocChannel::close(); }

  void write(std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      const auto seen = signal_->count();
      const std::size_t put = connection_->to_broker.write(bytes);
      bytes = bytes.subspan(put);
      if (bytes.empty()) return;
      if (connection_->to_broker.closed()) throw std::runtime_error("write: closed");
      signal_->wait_past(seen, patience);
    }
  }

  std::size_t read(std::span<std::byte> room, std::chrono::milliseconds limit) override {
    if (!readable(limit)) throw std::runtime_error("nothing arrived in time");
    const std::size_t got = std::exchange(peeked_, false) ? 1 : 0;
    if (got != 0) room[0] = peek_;
    return got + connection_->to_client.read(room.subspan(got));
  }

  bool readable(std::chrono::milliseconds limit) override {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    for (;;) {
      const auto seen = signal_->count();
      const bool closed = connection_->to_client.closed();
      // A pipe has no way to look without taking, so one byte is taken and kept for read().
      if (peeked_ || connection_->to_client.read({&peek_, 1}) == 1) {
        peeked_ = true;
        return true;
      }
      if (closed) return true;
      const auto left = deadline - std::chrono::steady_clock::now();
      if (left <= std::chrono::steady_clock::duration::zero() || !signal_->wait_past(seen, left))
        return false;
    }
  }

  void close() override {
    connection_->to_client.on_readable(nullptr);
    connection_->to_broker.close();
    connection_->to_client.close();
  }

 private:
  /// Counts wake-ups from the broker's thread.
  class Signal {
   public:
    void raise() {
      const std::lock_guard lock(mutex_);
      ++count_;
      condition_.notify_all();
    }
    std::uint64_t count() {
      const std::lock_guard lock(mutex_);
      return count_;
    }
    bool wait_past(std::uint64_t seen, std::chrono::steady_clock::duration limit) {
      std::unique_lock lock(mutex_);
      return condition_.wait_for(lock, limit, [&] { return count_ > seen; });
    }

   private:
    std::mutex mutex_;
    std::condition_variable condition_;
    std::uint64_t count_ = 0;
  };

  std::shared_ptr<busrt::transport::InprocConnection> connection_;
  std::shared_ptr<Signal> signal_ = std::make_shared<Signal>();
  std::byte peek_{};
  bool peeked_ = false;
};

}  // namespace

std::unique_ptr<Channel> connect_inproc(const busrt::LocalEndpoint& endpoint) {
  return std::make_unique<InprocChannel>(endpoint);
}

}  // namespace busrt_testing
