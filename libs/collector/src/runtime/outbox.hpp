// The bounded queue between sources and bus, as plain logic: it numbers what is seen, sheds what does not
// fit, puts a loss record in its place, and keeps what was sent until it is safe. No clock, no thread, no
// socket.
//
// Two positions in the sequence part its records:
//
//   ... committed ... accepted ... sent ... waiting ... seq
//
// committed: the store has every record up to it; the agent says so. accepted: the bus has taken every record
// up to it, or never will. Before the first commit() a record leaves at accepted, because an agent without a
// store never commits; from then on it leaves at committed, and a new connection sends all behind that again.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "daemoneye/collector/event_source.hpp"
#include "daemoneye/collector/limits.hpp"
#include "daemoneye/events/event.hpp"
#include "runtime/loss_totals.hpp"

namespace daemoneye::collector {

/// Causes of losses that the runtime itself makes.
inline constexpr std::string_view cause_queue_full = "collector_queue_full";
inline constexpr std::string_view cause_too_large = "event_too_large";
inline constexpr std::string_view cause_malformed = "event_malformed";
inline constexpr std::string_view cause_stopped = "collection_stopped";
inline constexpr std::string_view cause_refused = "publish_refused";

struct OutboxConfig {
  std::string collector;
  std::uint64_t epoch = 0;
  std::size_t frames = limits::queue_frames;
  std::size_t bytes = limits::queue_bytes;
  std::size_t event_bytes = limits::event_bytes;
};

/// Not thread-safe; the runtime holds a mutex around each call.
///
/// The queue is a run of records in the order of their numbers: safe ones leave at the front, new ones
/// come at the end, and a cursor between them parts what was sent from what was not. A loss record at the end
/// that was not sent yet is open: the next loss of the same domain and cause adds to it instead of taking a
/// number. Once sent, a record never changes.
class Outbox {
 public:
  enum class Added : std::uint8_t {
    queued,
    shed,
    shed_first,  ///< the queue just became full: worth a line in the log
  };
  /// Views that stay valid until the record is confirmed or refused, or rewind_accepted() is called.
  struct Publication {
    std::uint64_t seq = 0;
    std::string_view topic;
    std::string_view payload;
  };

  explicit Outbox(OutboxConfig config);

  Added add(std::string_view domain, Observation observation);
  void add_loss(std::string_view domain, events::Loss loss, std::chrono::system_clock::time_point time);

  /// The oldest record that is not sent, which counts as sent now. Empty also when the credit is used up.
  [[nodiscard]] std::optional<Publication> next();
  /// The bus has taken the record.
  void confirm(std::uint64_t seq);
  /// The store has every record up to `seq`. A position that goes back changes nothing; one that was never
  /// given counts as the last one given. `credit`: the most records beyond `seq` that next() hands out until
  /// the next commit() or rewind_accepted(); empty: no limit.
  void commit(std::uint64_t seq, std::optional<std::uint64_t> credit);
  /// The bus will never take this record. An event becomes a loss record with the same number, to be sent
  /// again; a loss record is given up, and counted.
  void refuse(std::uint64_t seq, std::string_view reason);
  /// It is not known whether the bus took the record: it is to be sent again.
  void send_again(std::uint64_t seq);
  /// The connection is gone, and with it what the agent had granted and, after a commit(), what the bus had
  /// taken and the store has not: that is to be sent again. Records whose fate is not known stay sent.
  void rewind_accepted();

  [[nodiscard]] bool empty() const noexcept { return records_.empty(); }
  [[nodiscard]] std::size_t queued() const noexcept { return records_.size(); }
  /// What the records cost in memory, texts and bookkeeping.
  [[nodiscard]] std::size_t queued_bytes() const noexcept { return bytes_; }
  /// The last number given.
  [[nodiscard]] std::uint64_t seq() const noexcept { return seq_; }
  /// Records sent at least once; records confirmed; records given up.
  [[nodiscard]] std::uint64_t published() const noexcept { return published_; }
  /// The positions that the head of this file explains; 0 before the first record.
  [[nodiscard]] std::uint64_t accepted() const noexcept {
    return records_.empty() ? seq_ : records_.front().seq - 1 + settled_;
  }
  [[nodiscard]] std::uint64_t committed() const noexcept { return committed_; }
  [[nodiscard]] std::uint64_t confirmed() const noexcept { return confirmed_; }
  [[nodiscard]] std::uint64_t refused() const noexcept { return refused_; }
  [[nodiscard]] bool shedding() const noexcept { return shedding_; }
  [[nodiscard]] const LossTotals& losses() const noexcept { return losses_; }

 private:
  enum class State : std::uint8_t {
    waiting,
    sent,
    accepted,
    given_up,  ///< a loss record that the bus refuses
  };
  struct Record {
    std::uint64_t seq = 0;
    State state = State::waiting;
    bool ever_sent = false;
    bool ever_confirmed = false;
    std::string topic;
    std::string payload;  ///< of an open loss record: empty until it is sent
    std::optional<events::Loss> loss;
    std::string domain;
    std::chrono::system_clock::time_point time;
    std::size_t charged = 0;  ///< bytes counted against the queue's limit
  };

  [[nodiscard]] bool has_room(std::size_t bytes) const noexcept;
  Added shed(std::string_view domain, std::string_view cause, std::string detail,
             std::chrono::system_clock::time_point time);
  void append(Record record);
  /// Of a record that is still in the queue, or nullptr.
  [[nodiscard]] Record* find(std::uint64_t seq);
  void encode(Record& record, events::EventHead head, std::string_view data) const;
  [[nodiscard]] static bool is_settled(const Record& record) noexcept {
    return record.state == State::accepted || record.state == State::given_up;
  }
  /// The bus has no more to do with the record: moves the accepted position, and lets go of what is safe.
  void settle(Record& record, State state);
  void trim();
  /// Its turn to be sent comes (again).
  void make_wait(Record& record);
  /// Counts what the record costs now instead of what it cost before.
  void charge(Record& record);
  /// The open loss record that takes this loss, or nullptr.
  [[nodiscard]] Record* open_loss(std::string_view domain, events::Loss& loss);

  OutboxConfig config_;
  std::deque<Record> records_;
  std::size_t next_ = 0;     ///< index of the oldest record that may be waiting
  std::size_t settled_ = 0;  ///< records at the front that are settled
  bool commits_ = false;     ///< commit() was called
  std::uint64_t committed_ = 0;
  std::optional<std::uint64_t> last_granted_;  ///< the last number that next() may hand out
  std::size_t bytes_ = 0;
  std::uint64_t seq_ = 0;
  std::uint64_t published_ = 0;
  std::uint64_t confirmed_ = 0;
  std::uint64_t refused_ = 0;
  bool shedding_ = false;
  LossTotals losses_;
};

}  // namespace daemoneye::collector
