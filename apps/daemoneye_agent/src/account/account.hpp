// The agent's account: what arrived from each collector, what is missing, and why.
//
// Pure bookkeeping: no bus, no clock. The Agent feeds it and status answers from it.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "account/position_table.hpp"
#include "account/sequence_tracker.hpp"

namespace daemoneye_agent {

/// Collectors that have an entry of their own. Further names share one entry, so that a client that makes up
/// names cannot make the account grow.
inline constexpr std::size_t max_account_collectors = 64;
/// Runs of one collector kept apart; older ones are summed.
inline constexpr std::size_t max_account_epochs = 8;
/// Times without sight described one by one; older ones are counted.
inline constexpr std::size_t max_account_gaps = 16;
/// Causes of loss kept apart per collector; further ones are counted as `other`.
inline constexpr std::size_t max_account_causes = 32;

/// Lost events of one cause.
struct LossTotal {
  std::uint64_t records = 0;
  std::uint64_t events = 0;  ///< of the records that knew
  bool unknown = false;      ///< some record did not know how many
  /// From the last record before the first loss to the last loss, by the collector's own clock.
  std::chrono::system_clock::time_point from, to;
};

/// A time in which a collector did not look.
struct Gap {
  std::chrono::system_clock::time_point from;
  std::optional<std::chrono::system_clock::time_point> to;  ///< empty: not back yet
  std::string reason;
};

/// A time of which not everything is known, and why.
struct Incomplete {
  std::chrono::system_clock::time_point from;
  std::optional<std::chrono::system_clock::time_point> to;  ///< empty: still so
  std::string reason;                                       ///< a sentence without the collector's name

  /// The sentence with its times.
  [[nodiscard]] std::string describe() const;
};

/// One collector's totals over all its epochs since the agent started.
struct AccountTotals {
  std::uint64_t epoch = 0;  ///< the latest
  std::uint64_t seq = 0;    ///< the last number that arrived in it
  std::uint64_t epochs = 0;
  std::uint64_t received = 0;  ///< records, losses included, duplicates excluded
  std::uint64_t duplicates = 0;
  std::uint64_t missing = 0;         ///< records that have a number and never arrived
  std::uint64_t cut_runs = 0;        ///< runs whose number of records is unknown
  std::uint64_t events_lost = 0;     ///< that the collector itself reported, as far as it knew how many
  bool events_lost_unknown = false;  ///< and there were some that it could not count
  std::map<std::string, LossTotal> losses;
};

/// Not thread-safe.
class Account {
 public:
  using Time = std::chrono::system_clock::time_point;

  /// Continues the runs that an earlier agent has left in the table, and keeps the positions of all runs
  /// there from now on. Before anything arrives; `table` outlives the account.
  void continue_in(PositionTable& table);
  /// The run continues at this position: later numbers are new, earlier ones duplicates.
  void resume(std::string_view collector, const Position& position);

  /// A record with this number arrived, made at `at` by its collector's clock.
  void arrived(std::string_view collector, std::uint64_t epoch, std::uint64_t seq, Time at);
  /// It was a loss record. `count` empty: unknown. Duplicates are known by their number and not added again.
  void loss_arrived(std::string_view collector, std::uint64_t epoch, std::uint64_t seq, Time at,
                    std::string_view cause, std::optional<std::uint64_t> count);
  /// The collector announced the end of this run: it has given numbers up to `seq`, and gives no more.
  void ended_at(std::string_view collector, std::uint64_t epoch, std::uint64_t seq, Time now);
  /// The run is over, and its end has not been announced. It had given numbers up to `seq` at least; an
  /// unknown number of records went with it. An announcement that comes later counts. A newer run of the same
  /// collector cuts earlier ones that are still open.
  void cut(std::string_view collector, std::uint64_t epoch, std::uint64_t seq, Time now);
  /// Since then nobody looks, until sight_restored(). Not before the end of an earlier time without sight.
  void sight_lost(std::string_view collector, Time since, std::string reason);
  void sight_restored(std::string_view collector, Time now);
  /// A frame on an event topic that was no event, or not the sender's.
  void refused(std::string_view sender, std::string_view why, Time now);

  [[nodiscard]] AccountTotals totals(std::string_view collector) const;
  [[nodiscard]] std::vector<std::string> collectors() const;
  /// What is incomplete since the account began, empty when nothing is; times that are over have an end.
  [[nodiscard]] std::vector<Incomplete> incomplete(std::string_view collector) const;
  /// What concerns no known collector.
  [[nodiscard]] std::vector<Incomplete> common() const;

 private:
  struct Epoch {
    std::uint64_t id = 0;
    SequenceTracker sequence;
    std::uint64_t received = 0;
    std::uint64_t duplicates = 0;
    Time last_time{};               ///< of the record with the greatest number
    Time holes_from{}, holes_to{};  ///< around all that is missing, while something is
    enum class End : std::uint8_t { open, announced, cut } end = End::open;
    Time cut_at{};
  };
  struct Entry {
    std::deque<Epoch> epochs;  ///< oldest first
    std::uint64_t epochs_begun = 0;
    std::uint64_t old_received = 0, old_duplicates = 0, old_missing = 0;  ///< of epochs no longer kept apart
    Time old_missing_from{}, old_missing_to{};
    std::uint64_t old_cut = 0;
    Time old_cut_from{}, old_cut_to{};
    std::map<std::string, LossTotal> losses;
    std::deque<Gap> gaps;
    std::optional<std::size_t> slot;  ///< in the table of positions
    std::uint64_t old_gaps = 0;
    Time old_gaps_from{}, old_gaps_to{};
  };
  [[nodiscard]] Entry& entry(std::string_view collector);
  /// Writes the position of the collector's present run.
  void keep_position(const Entry& owner) const;
  /// Begins the epoch when it is new; `at`: a time in it.
  [[nodiscard]] static Epoch& epoch_of(Entry& entry, std::uint64_t epoch, Time at);
  /// Adds the oldest epoch to the sums.
  static void fold_oldest(Entry& entry);
  static void cut(Epoch& run, Time at);
  [[nodiscard]] static Time last_known(const Epoch& run);
  /// Takes the number and keeps the times around holes. Returns whether it is fresh.
  static bool record(Epoch& run, std::uint64_t seq, Time at);
  /// The run has given numbers up to `seq`, so what has not arrived of them is missing for now.
  static void expect_up_to(Epoch& run, std::uint64_t seq, Time now);
  static void widen_holes(Epoch& run, Time to);

  PositionTable* positions_ = nullptr;
  std::map<std::string, Entry, std::less<>> entries_;
  std::uint64_t refused_ = 0;
  Time first_refusal_{}, last_refusal_time_{};
  std::string last_refusal_;
};

/// The JSON form of totals: epoch, seq, received, duplicates, missing, runs_cut, events_lost, losses by
/// cause.
[[nodiscard]] boost::json::object to_json(const AccountTotals& totals);

}  // namespace daemoneye_agent
