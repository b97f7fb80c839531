// JSON out of the parts. A collector is well when it runs, answers, and its own health has no complaint; it
// is complete when besides that its account has nothing that was ever missing.
#include "status/status_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <utility>

#include "busrt/base/json_fields.hpp"
#include "daemoneye/events/time_text.hpp"

namespace daemoneye_agent {
namespace {

using daemoneye::events::format_time;

void add_complaint(const boost::json::object& from, std::string_view key,
                   std::vector<std::string>& complaints) {
  const auto* const said = busrt::base::field_at(from, key);
  if (said != nullptr && said->is_string()) complaints.emplace_back(said->get_string());
}

/// What a collector says that is wrong with itself.
std::vector<std::string> health_complaints(const boost::json::object& health) {
  std::vector<std::string> complaints;
  add_complaint(health, "degraded", complaints);
  for (const auto& source : busrt::base::array_at(health, "sources")) {
    const auto* object = source.if_object();
    if (object == nullptr) continue;
    add_complaint(*object, "error", complaints);
    add_complaint(*object, "degraded", complaints);
  }
  const auto* const state = busrt::base::field_at(health, "state");
  const bool bad_state = state != nullptr && state->is_string() && state->get_string() != "running";
  if (complaints.empty() && bad_state) {
    complaints.push_back("its health check says \"" + std::string(state->get_string()) +
                         "\" without a reason");
  }
  return complaints;
}

/// What is wrong with it at this moment.
std::vector<std::string> collector_reasons(const CollectorView& collector) {
  if (collector.state != CollectorState::running) {
    return {fmt::format("is {}{}", to_string(collector.state),
                        collector.reason.empty() ? "" : ": " + collector.reason)};
  }
  auto reasons = health_complaints(collector.health);
  if (collector.silent_since) {
    reasons.insert(reasons.begin(), "does not answer since " + format_time(*collector.silent_since));
  }
  return reasons;
}

boost::json::array to_array(const std::vector<std::string>& texts) {
  boost::json::array array;
  for (const auto& text : texts) array.emplace_back(text);
  return array;
}

boost::json::object collector_json(const CollectorView& view, const std::vector<std::string>& reasons,
                                   const Account& account) {
  boost::json::object collector{{"name", view.name}, {"state", to_string(view.state)}};
  collector["pid"] = view.pid ? boost::json::value(*view.pid) : boost::json::value();
  collector["restarts"] = view.restarts;
  collector["last_exit"] = view.last_exit ? boost::json::value(*view.last_exit) : boost::json::value();
  collector["reason"] = view.reason;
  if (!view.last_error.empty()) collector["last_error"] = view.last_error;
  collector["uptime_s"] = view.uptime.count();
  if (view.silent_since) collector["silent_since"] = format_time(*view.silent_since);
  for (const auto& member : to_json(account.totals(view.name))) collector[member.key()] = member.value();
  collector["well"] = reasons.empty();
  collector["complete"] = reasons.empty() && account.incomplete(view.name).empty();
  collector["degraded"] = to_array(reasons);
  collector["health"] = view.health;
  return collector;
}

}  // namespace

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

boost::json::object& StatusReport::section(std::string_view name) {
  auto& value = sections_[name];
  if (!value.is_object()) value.emplace_object();
  return value.get_object();
}

std::vector<std::string> StatusReport::add_history(const std::string& name,
                                                   const std::vector<Incomplete>& parts) {
  std::vector<std::string> open;
  for (const auto& part : parts) {
    boost::json::object entry{{"collector", name.empty() ? boost::json::value() : boost::json::value(name)},
                              {"from", format_time(part.from)}};
    entry["to"] = part.to ? boost::json::value(format_time(*part.to)) : boost::json::value();
    entry["reason"] = part.reason;
    incomplete_.push_back(std::move(entry));
    if (part.to) {
      last_end_ = std::max(last_end_, *part.to);
    } else {
      lasts_ = true;
      open.push_back(part.reason);
    }
  }
  return open;
}

bool StatusReport::has_collector(std::string_view name) const {
  return std::ranges::any_of(collectors_, [name](const boost::json::value& each) {
    return each.get_object().at("name").get_string() == name;
  });
}

void StatusReport::add_collector(const CollectorView& collector, const Account& account) {
  const auto own = collector_reasons(collector);
  for (const auto& reason : own) complain(collector.name + ": " + reason);
  collectors_.push_back(collector_json(collector, own, account));
  // That it does not run is said above.
  static_cast<void>(add_history(collector.name, account.incomplete(collector.name)));
}

void StatusReport::add_account(const Account& account) {
  static_cast<void>(add_history("", account.common()));
  for (const auto& name : account.collectors()) {
    if (has_collector(name)) continue;
    const auto own = account.incomplete(name);
    for (const auto& reason : add_history(name, own)) complain(name + ": " + reason);
    if (name == agent_) continue;
    boost::json::object other{{"name", name}, {"state", "unmanaged"}, {"pid", nullptr}};
    for (const auto& member : to_json(account.totals(name))) other[member.key()] = member.value();
    other["well"] = true;
    other["complete"] = own.empty();
    other["degraded"] = boost::json::array();
    collectors_.push_back(std::move(other));
  }
}

boost::json::object StatusReport::take() {
  boost::json::object report = std::move(sections_);
  report["collectors"] = std::move(collectors_);
  report["well"] = degraded_.empty();
  report["degraded"] = to_array(degraded_);
  report["complete"] = degraded_.empty() && incomplete_.empty();
  const bool whole = degraded_.empty() && !incomplete_.empty() && !lasts_;
  report["whole_since"] = whole ? boost::json::value(format_time(last_end_)) : boost::json::value();
  report["incomplete"] = std::move(incomplete_);
  return report;
}

}  // namespace daemoneye_agent
