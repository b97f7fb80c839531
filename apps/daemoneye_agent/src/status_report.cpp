// JSON out of the parts. A collector is complete when it runs, its own health has no complaint and its ledger
// no reason.
#include "status_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>

namespace daemoneye_agent {
namespace {

boost::json::object broker_json(const busrt::BrokerStats& stats) {
  boost::json::object lost;
  for (std::size_t cause = 0; cause < busrt::loss_causes; ++cause) {
    lost[busrt::to_string(static_cast<busrt::LossCause>(cause))] = stats.lost[cause];
  }
  boost::json::object closed;
  for (std::size_t reason = 1; reason < busrt::close_reasons; ++reason) {
    closed[busrt::to_string(static_cast<busrt::CloseReason>(reason))] = stats.closed[reason];
  }
  boost::json::object refused;
  for (std::size_t reason = 0; reason < busrt::refusal_reasons; ++reason) {
    refused[busrt::to_string(static_cast<busrt::RefusalReason>(reason))] = stats.refused[reason];
  }
  return {{"uptime_s", stats.uptime.count()},  {"clients", stats.clients},
          {"frames_in", stats.frames_in},      {"bytes_in", stats.bytes_in},
          {"frames_out", stats.frames_out},    {"bytes_out", stats.bytes_out},
          {"lost", std::move(lost)},           {"holds", stats.holds},
          {"closed", std::move(closed)},       {"refused", std::move(refused)},
          {"connections", stats.connections},  {"memory_bytes", stats.memory_bytes},
          {"memory_limit", stats.memory_limit}};
}

std::vector<std::string> health_complaints(const boost::json::object& health) {
  std::vector<std::string> complaints;
  const auto* sources = health.if_contains("sources");
  if (sources != nullptr && sources->is_array()) {
    for (const auto& source : sources->get_array()) {
      const auto* object = source.if_object();
      if (object == nullptr) continue;
      for (const std::string_view key : {"error", "degraded"}) {
        const auto* said = object->if_contains(key);
        if (said != nullptr && said->is_string()) complaints.emplace_back(said->get_string());
      }
    }
  }
  const auto* state = health.if_contains("state");
  const bool bad_state = state != nullptr && state->is_string() && state->get_string() != "running";
  if (complaints.empty() && bad_state)
    complaints.push_back("says that it is " + std::string(state->get_string()));
  return complaints;
}

std::vector<std::string> collector_reasons(const CollectorView& collector, const Ledger& ledger) {
  auto reasons = ledger.reasons(collector.name);
  if (collector.state != CollectorState::running) {
    reasons.insert(reasons.begin(), fmt::format("is {}{}", to_string(collector.state),
                                                collector.reason.empty() ? "" : ": " + collector.reason));
  } else {
    const auto complaints = health_complaints(collector.health);
    reasons.insert(reasons.end(), complaints.begin(), complaints.end());
  }
  return reasons;
}

boost::json::array to_array(const std::vector<std::string>& texts) {
  boost::json::array array;
  for (const auto& text : texts) array.emplace_back(text);
  return array;
}

boost::json::object collector_json(const CollectorView& view, const std::vector<std::string>& reasons,
                                   const Ledger& ledger) {
  boost::json::object collector{{"name", view.name}, {"state", to_string(view.state)}};
  collector["pid"] = view.pid ? boost::json::value(*view.pid) : boost::json::value();
  collector["restarts"] = view.restarts;
  collector["last_exit"] = view.last_exit ? boost::json::value(*view.last_exit) : boost::json::value();
  collector["reason"] = view.reason;
  collector["uptime_s"] = view.uptime.count();
  for (const auto& member : to_json(ledger.totals(view.name))) collector[member.key()] = member.value();
  collector["complete"] = reasons.empty();
  collector["degraded"] = to_array(reasons);
  collector["health"] = view.health;
  return collector;
}

}  // namespace

boost::json::object status_report(const StatusInput& input) {
  boost::json::array collectors;
  auto reasons = input.ledger->common_reasons();
  for (const auto& view : input.collectors) {
    const auto own = collector_reasons(view, *input.ledger);
    for (const auto& reason : own) reasons.push_back(view.name + ": " + reason);
    collectors.push_back(collector_json(view, own, *input.ledger));
  }
  // Collectors that others started on the same bus have accounts as well.
  for (const auto& name : input.ledger->collectors()) {
    if (std::ranges::find(input.collectors, name, &CollectorView::name) != input.collectors.end()) continue;
    const auto own = input.ledger->reasons(name);
    for (const auto& reason : own) reasons.push_back(name + ": " + reason);
    if (name == input.name) continue;
    boost::json::object other{{"name", name}, {"state", "unmanaged"}, {"pid", nullptr}};
    for (const auto& member : to_json(input.ledger->totals(name))) other[member.key()] = member.value();
    other["complete"] = own.empty();
    other["degraded"] = to_array(own);
    collectors.push_back(std::move(other));
  }
  return {{"agent",
           {{"version", input.version},
            {"pid", input.pid},
            {"uptime_s", input.uptime.count()},
            {"state_dir", input.state_dir}}},
          {"bus",
           {{"mode", input.mode == BusMode::embedded ? "embedded" : "external"},
            {"address", input.address},
            {"broker", input.embedded ? broker_json(*input.embedded) : input.external}}},
          {"collectors", std::move(collectors)},
          {"complete", reasons.empty()},
          {"degraded", to_array(reasons)}};
}

}  // namespace daemoneye_agent
