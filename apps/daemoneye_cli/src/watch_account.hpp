// What a watcher may claim at its end: what it missed, and for which times nobody can know.
//
// Pure bookkeeping: no bus, no clock. The Watch feeds it what it hears, and prints the sentences it returns.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemoneye/events/event.hpp"
#include "sequence_watch.hpp"

namespace daemoneye_cli {

/// Collectors and senders kept apart, so that nobody can fill the memory by making up names.
inline constexpr std::size_t max_watched_names = 64;

class WatchAccount {
 public:
  using Time = std::chrono::system_clock::time_point;
  /// Sentences to show among the events.
  using Notices = std::vector<std::string>;

  /// `whole`: every event is subscribed to, so a missing number is a missing event.
  explicit WatchAccount(bool whole) : sequence_(whole), whole_(whole) {}

  /// A genuine event.
  [[nodiscard]] Notices event(const daemoneye::events::Event& event);
  /// The agent's news on `control.collector.<what>`.
  [[nodiscard]] Notices collector_news(std::string_view what, const boost::json::object& news, Time now);
  /// A collector's own health record.
  [[nodiscard]] Notices health(std::string_view collector, const boost::json::object& health, Time now);
  /// A client left the bus or joined it, by the broker's word.
  [[nodiscard]] Notices left(std::string_view client, Time now);
  [[nodiscard]] Notices joined(std::string_view client);
  /// A frame that is not what its topic says, so it was not shown.
  [[nodiscard]] Notices refused(std::string_view sender, std::string_view why);
  /// What the agent says of its collectors when the watch begins or ends. `stopping`: the watch ends by a
  /// signal that the agent may have got as well, so collectors that are being stopped are no news.
  void status(const boost::json::object& status, bool stopping, Time now);
  /// Something of its own that makes the account incomplete: "the bus went away".
  void unknown(std::string sentence) { unknowns_.push_back(std::move(sentence)); }

  /// "nothing was lost", or what was, and what nobody can know, in a sentence.
  [[nodiscard]] std::string summary() const;

 private:
  struct Collector {
    std::uint64_t crashes = 0;  ///< runs that ended without a last word
    std::string last_crash;
    Time last_event{};                ///< by the collector's clock; zero: none yet
    Time crashed_from{}, crashed_to;  ///< around what those runs may have taken with them
    std::optional<Time> gone_since;   ///< empty: it watches, as far as is known
    std::string gone_why;
    bool said_all = false;   ///< this run's last health record came, so its end is no crash
    bool end_heard = false;  ///< the end of the run whose events came last is in the account
  };
  Collector* collector(std::string_view name);
  /// A run of it ended at `now` without a last word.
  static void crashed(Collector& one, const std::string& how, Time now);
  void back(Collector& one);

  SequenceWatch sequence_;
  bool whole_;
  std::map<std::string, Collector, std::less<>> collectors_;
  std::vector<std::string> unknowns_;
  std::optional<Time> agent_gone_;
  std::uint64_t refused_ = 0;
  std::string last_refusal_;
  std::set<std::string, std::less<>> refused_senders_;
};

}  // namespace daemoneye_cli
