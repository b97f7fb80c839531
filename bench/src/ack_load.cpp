#include "ack_load.hpp"

#include <deque>
#include <stdexcept>
#include <thread>
#include <utility>

#include "transport/adaptive_spin.hpp"

namespace bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t sampled_of_operations = 8;

/// Keeps the processor busy, as a program with something to do for each operation would.
void work_for(std::chrono::nanoseconds time) {
  if (time.count() == 0) return;
  const auto end = Clock::now() + time;
  while (Clock::now() < end) {
  }
}

/// Counts whole messages of one size in what arrives on each socket.
class MessageCount {
 public:
  MessageCount(std::size_t sockets, std::size_t message_bytes)
      : partial_(sockets), message_bytes_(message_bytes) {}
  std::size_t add(std::size_t socket, std::size_t bytes) {
    const std::size_t sum = partial_[socket] + bytes;
    partial_[socket] = sum % message_bytes_;
    return sum / message_bytes_;
  }

 private:
  std::vector<std::size_t> partial_;
  std::size_t message_bytes_;
};

/// The order of steps of the broker's event loop and shard, for acks alone.
class AckServer final : public Receiver {
 public:
  AckServer(AckIo& io, std::size_t sockets, const ServerKind& kind)
      : io_(io), kind_(kind), requests_(sockets, request_bytes), unsent_(sockets) {}

  void run(std::atomic<std::uint64_t>& batches) {
    for (;;) {
      wait_for_requests();
      if (io_.found_any()) batches.fetch_add(1, std::memory_order_relaxed);
      if (!io_.receive(*this)) return;
      end_batch();
    }
  }

  void received(std::size_t socket, std::size_t bytes) override {
    const std::size_t acks = requests_.add(socket, bytes);
    if (acks == 0) return;
    if (unsent_[socket] == 0) fresh_.push_back(socket);
    unsent_[socket] += acks * ack_bytes;
    work_for(kind_.work * acks);
  }

 private:
  void wait_for_requests() {
    if (!overdue_.empty()) {
      const auto before = Clock::now();
      found_work_ = yield_and_poll();
      keeping_acks_.record(found_work_, Clock::now() - before);
    } else if (kind_.waiting == Waiting::sleeps || !found_work_ || !staying_awake_.should_spin() || !spin()) {
      io_.sleep();
      found_work_ = io_.found_any();
    }
  }

  bool yield_and_poll() {
    if (kind_.looks_first || io_.holds_sends()) {
      io_.look();
      if (io_.found_any()) return true;
    }
    std::this_thread::yield();
    io_.look();
    return io_.found_any();
  }

  bool spin() {
    const auto before = Clock::now();
    auto now = before;
    bool came = false;
    do {
      came = yield_and_poll();
      now = Clock::now();
    } while (!came && now - before < awake_after_work);
    staying_awake_.record(came, now - before);
    return came;
  }

  void end_batch() {
    send(overdue_);
    if (kind_.waiting == Waiting::sleeps || fresh_.empty() || !keeping_acks_.should_spin()) {
      send(fresh_);
    } else {
      std::swap(fresh_, overdue_);
    }
    io_.end_of_batch();
  }

  void send(std::vector<std::size_t>& sockets) {
    for (const std::size_t socket : sockets) io_.send(socket, std::exchange(unsent_[socket], 0));
    sockets.clear();
  }

  static constexpr std::chrono::microseconds awake_after_work{20};  // the event loop's

  AckIo& io_;
  ServerKind kind_;
  MessageCount requests_;
  std::vector<std::size_t> unsent_;   // bytes, by socket
  std::vector<std::size_t> fresh_;    // sockets with acks of this batch alone
  std::vector<std::size_t> overdue_;  // sockets whose acks were kept for one more batch
  busrt::transport::AdaptiveSpin staying_awake_;
  busrt::transport::AdaptiveSpin keeping_acks_;
  bool found_work_ = false;
};

}  // namespace

void serve_acks(std::span<const int> sockets, const ServerKind& kind, std::atomic<std::uint64_t>& batches) {
  const auto io = make_ack_io(kind.io, sockets);
  AckServer(*io, sockets.size(), kind).run(batches);
}

class AckClients::State final : public Receiver {
 public:
  State(std::span<const int> sockets, const ClientKind& kind)
      : io_(make_ack_io(kind.io, sockets)),
        work_(kind.work),
        acks_(sockets.size(), ack_bytes),
        sent_at_(sockets.size()) {
    for (std::size_t i = 0; i < sockets.size(); ++i) send(i, kind.window);
    io_->end_of_batch();
  }

  ClientRun run(std::chrono::duration<double> time) {
    run_ = {};
    const auto start = Clock::now();
    std::chrono::duration<double> passed{0};
    while (passed < time) {
      io_->sleep();
      if (!io_->receive(*this)) throw std::runtime_error("the server has ended");
      io_->end_of_batch();
      passed = Clock::now() - start;
    }
    run_.seconds = passed.count();
    return std::move(run_);
  }

  void received(std::size_t socket, std::size_t bytes) override {
    const std::size_t acks = acks_.add(socket, bytes);
    if (acks == 0) return;
    const auto now = Clock::now();
    for (std::size_t i = 0; i < acks; ++i) {
      if (++run_.operations % sampled_of_operations == 0) {
        const std::chrono::duration<double, std::micro> took = now - sent_at_[socket].front();
        run_.round_trips.push_back(took.count());
      }
      sent_at_[socket].pop_front();
    }
    work_for(work_ * acks);
    send(socket, acks);
  }

 private:
  void send(std::size_t socket, std::size_t requests) {
    sent_at_[socket].insert(sent_at_[socket].end(), requests, Clock::now());
    io_->send(socket, requests * request_bytes);
  }

  std::unique_ptr<AckIo> io_;
  std::chrono::nanoseconds work_;
  MessageCount acks_;
  std::vector<std::deque<Clock::time_point>> sent_at_;  // of the requests on their way, by socket
  ClientRun run_;
};

AckClients::AckClients(std::span<const int> sockets, const ClientKind& kind)
    : state_(std::make_unique<State>(sockets, kind)) {}

AckClients::~AckClients() = default;

ClientRun AckClients::run(std::chrono::duration<double> time) {
  return state_->run(time);
}

}  // namespace bench
