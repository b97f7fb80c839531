// What the agent answers to `status`: how it runs, and whether what it has heard is complete.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "account/account.hpp"
#include "busrt/broker.hpp"
#include "config/config.hpp"
#include "supervisor/supervisor.hpp"

namespace daemoneye_agent {

struct StatusInput {
  std::string name;  ///< the agent's own entry in the account: times without its bus
  std::string version;
  std::int64_t pid = 0;
  std::chrono::seconds uptime{};
  std::string state_dir;
  std::string state_problem;        ///< why it is of no use; empty: it is
  std::vector<std::string> faults;  ///< exceptions in the agent itself
  BusMode mode = BusMode::embedded;
  std::string address;
  std::optional<busrt::BrokerStats> embedded;  ///< of the embedded broker
  boost::json::object external;                ///< what a broker of somebody else's said of itself
  std::vector<CollectorView> collectors;
  const Account* account = nullptr;
};

/// {agent{version, pid, uptime_s, state_dir}, bus{mode, address, broker{...}}, collectors[{name, state, pid,
/// restarts, last_exit, reason, last_error?, uptime_s, silent_since?, epoch, seq, events_received,
/// duplicates, missing, events_lost_reported, losses, well, complete, degraded[], health{}}], well,
/// degraded[], complete, incomplete[{collector, from, to, reason}], whole_since}
///
/// `well` and `degraded` speak of now, `complete` and `incomplete` of all the time since the agent started.
/// `whole_since` is the end of the last time of which something is missing; null when nothing is, or while
/// something still is. Times are RFC 3339 in UTC; `to` is null for what lasts.
[[nodiscard]] boost::json::object status_report(const StatusInput& input);

}  // namespace daemoneye_agent
