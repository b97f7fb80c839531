// What the agent answers to `status`: how it runs, and whether what it has heard is complete. Each service
// adds its part.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "account/account.hpp"
#include "busrt/broker.hpp"
#include "supervisor/supervisor.hpp"

namespace daemoneye_agent {

/// {agent{version, pid, uptime_s, state_dir}, bus{mode, address, broker{...}}, collectors[{name, state, pid,
/// restarts, last_exit, reason, last_error?, uptime_s, silent_since?, epoch, seq, events_received,
/// duplicates, missing, events_lost_reported, losses, well, complete, degraded[], health{}}], well,
/// degraded[], complete, incomplete[{collector, from, to, reason}], whole_since}
///
/// `well` and `degraded` speak of now, `complete` and `incomplete` of all the time since the agent started.
/// `whole_since` is the end of the last time of which something is missing; null when nothing is, or while
/// something still is. Times are RFC 3339 in UTC; `to` is null for what lasts.
class StatusReport {
 public:
  /// `agent`: the name of the agent's own entry in the account, for times without its bus.
  explicit StatusReport(std::string agent) : agent_(std::move(agent)) {}

  /// A section, which is made when it is first asked for.
  [[nodiscard]] boost::json::object& section(std::string_view name);
  /// Something is wrong now. A sentence without a full stop.
  void complain(std::string sentence) { degraded_.push_back(std::move(sentence)); }

  /// A collector that the agent manages, with its part of the account. A collector is well when it runs,
  /// answers, and its own health has no complaint; it is complete when besides that its account has nothing
  /// that was ever missing.
  void add_collector(const CollectorView& collector, const Account& account);
  /// The rest of the account: what concerns no collector, collectors that others started, and the agent's own
  /// hearing. After the collectors.
  void add_account(const Account& account);

  [[nodiscard]] bool well() const noexcept { return degraded_.empty(); }
  /// The report of all that was added, which is empty afterwards.
  [[nodiscard]] boost::json::object take();

 private:
  /// `name` empty: it concerns no collector. Returns the reasons of what still lasts.
  std::vector<std::string> add_history(const std::string& name, const std::vector<Incomplete>& parts);
  [[nodiscard]] bool has_collector(std::string_view name) const;

  std::string agent_;
  boost::json::object sections_;
  boost::json::array collectors_;
  std::vector<std::string> degraded_;
  boost::json::array incomplete_;
  std::chrono::system_clock::time_point last_end_{};  ///< of what was incomplete
  bool lasts_ = false;                                ///< something still is
};

/// The broker's counters, as `status` and the metrics name them.
[[nodiscard]] boost::json::object broker_json(const busrt::BrokerStats& stats);

}  // namespace daemoneye_agent
