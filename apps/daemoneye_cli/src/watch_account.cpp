// A run of a collector that ended without its last health record may have seen more than it could say.
#include "watch_account.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "busrt/base/json_fields.hpp"
#include "daemoneye/events/time_text.hpp"
#include "daemoneye/events/topics.hpp"
#include "genuine.hpp"
#include "terminal.hpp"

namespace daemoneye_cli {
namespace {

namespace json = boost::json;
using busrt::base::array_at;
using busrt::base::field_at;
using busrt::base::number_at;
using busrt::base::string_at;
using busrt::base::true_at;

std::string because(std::string_view why) {
  return why.empty() ? std::string() : fmt::format(": {}", why);
}

/// What a run without a last word may have taken with it.
constexpr std::string_view open_end =
    "the last that it saw and what happened until it watched again may be missing";

}  // namespace

WatchAccount::Collector* WatchAccount::collector(std::string_view name) {
  const auto found = collectors_.find(name);
  if (found != collectors_.end()) return &found->second;
  if (collectors_.size() >= max_watched_names) return nullptr;
  return &collectors_[std::string(name)];
}

void WatchAccount::crashed(Collector& one, const std::string& how, Time now) {
  if (one.crashes++ == 0) one.crashed_from = one.last_event == Time{} ? now : std::min(one.last_event, now);
  one.crashed_to = now;
  one.last_crash = how;
}

void WatchAccount::back(Collector& one) {
  one.gone_since.reset();
  one.gone_why.clear();
}

WatchAccount::Notices WatchAccount::event(const daemoneye::events::Event& event) {
  Notices notices;
  auto step = sequence_.take(event);
  if (step.new_run) {
    Collector* const one = collector(event.collector);
    if (one != nullptr && !one->end_heard && !step.end_known) {
      crashed(*one, "another run of it began", event.time);
      notices.push_back(fmt::format("{} was started anew; {}", event.collector, open_end));
    } else if (one != nullptr && one->gone_since) {
      // Its first event may overtake the agent's word that it is there.
      notices.push_back(fmt::format("{} watches again", event.collector));
    }
    if (one != nullptr) {
      back(*one);
      one->said_all = one->end_heard = false;
    }
  }
  if (Collector* const one = collector(event.collector))
    one->last_event = std::max(one->last_event, event.time);
  if (step.hole) notices.push_back(std::move(*step.hole));
  return notices;
}

WatchAccount::Notices WatchAccount::collector_news(std::string_view what, const json::object& news,
                                                   Time now) {
  const std::string_view name = string_at(news, "collector");
  const std::string reason(string_at(news, "reason"));
  Collector* const one = collector(name);
  if (one == nullptr || name.empty()) return {};
  if (what == "started") {
    sequence_.starts(name);
    one->said_all = false;
    return {};
  }
  if (what == "registered") {
    const bool was_gone = one->gone_since.has_value();
    back(*one);
    if (was_gone) return {fmt::format("{} watches again", name)};
    return {};
  }
  if (what == "unresponsive") return {fmt::format("{} is hung{}", name, because(reason))};
  if (what == "exited" || what == "failed" || what == "stopped") {
    if (!one->gone_since) one->gone_since = now;
    one->end_heard = true;
    // One that was stopped while it waited for its next start had no process to say anything.
    const bool ran = what == "exited" || (what == "stopped" && field_at(news, "pid") != nullptr);
    if (ran && !one->said_all) crashed(*one, reason, now);
    one->gone_why = what == "stopped" ? "stopped" + because(reason) : reason;
    const auto since = daemoneye::events::parse_time(string_at(news, "blind_since"));
    if (what == "failed") return {fmt::format("{} is not started again{}", name, because(reason))};
    if (what == "stopped") return {fmt::format("{} was stopped{}", name, because(reason))};
    return {fmt::format("{} {}; {}{}", name, reason, open_end,
                        since ? fmt::format(" (nobody looked since {})", local_time(*since)) : "")};
  }
  return {};
}

WatchAccount::Notices WatchAccount::health(std::string_view name, const json::object& health, Time now) {
  if (!true_at(health, "last")) return {};
  Collector* const one = collector(name);
  if (one == nullptr) return {};
  one->said_all = one->end_heard = true;
  if (!one->gone_since) one->gone_since = now;
  one->gone_why = "stopped";
  if (auto hole = sequence_.ended_at(name, number_at(health, "epoch"), number_at(health, "seq"))) {
    return {std::move(*hole)};
  }
  return {};
}

WatchAccount::Notices WatchAccount::left(std::string_view client, Time now) {
  if (client == daemoneye::events::agent_client_name) {
    agent_gone_ = now;
    return {"the agent left the bus; nobody looks after the collectors"};
  }
  const auto found = collectors_.find(client);
  if (found == collectors_.end() || found->second.gone_since) return {};
  found->second.gone_since = now;
  found->second.gone_why = "it left the bus";
  return {fmt::format("{} left the bus", client)};
}

WatchAccount::Notices WatchAccount::joined(std::string_view client) {
  if (client == daemoneye::events::agent_client_name) {
    const bool was_gone = agent_gone_.has_value();
    agent_gone_.reset();
    if (!was_gone) return {};
    unknowns_.emplace_back("the agent was gone for a time");
    return {"the agent is back on the bus"};
  }
  const auto found = collectors_.find(client);
  // A new process shows by its new epoch; the same one publishes again what was not acknowledged.
  if (found != collectors_.end() && found->second.gone_why == "it left the bus") back(found->second);
  return {};
}

WatchAccount::Notices WatchAccount::refused(std::string_view sender, std::string_view why) {
  ++refused_;
  last_refusal_ = fmt::format("{}: {}", sender, why);
  // Each sender is named once; the summary has the number.
  if (refused_senders_.size() >= max_watched_names || refused_senders_.contains(sender)) return {};
  refused_senders_.emplace(sender);
  return {fmt::format("not shown, from {}: {}; more of its kind are only counted", sender, why)};
}

void WatchAccount::status(const json::object& status, bool stopping, Time now) {
  for (const auto& entry : array_at(status, "collectors")) {
    const auto* object = entry.if_object();
    if (object == nullptr) continue;
    const std::string_view state = string_at(*object, "state");
    Collector* const one = collector(string_at(*object, "name"));
    if (one == nullptr || state == "unmanaged") continue;
    const std::string_view silent = string_at(*object, "silent_since");
    if (state == "running" && silent.empty()) {
      back(*one);
      continue;
    }
    if (stopping && (state == "stopping" || state == "stopped")) continue;
    if (!one->gone_since) one->gone_since = now;
    one->gone_why = state == "running"
                        ? fmt::format("it does not answer the agent since {}", silent)
                        : fmt::format("it is {}{}", state, because(string_at(*object, "reason")));
  }
}

std::string WatchAccount::summary() const {
  std::string open;
  const auto add = [&open](const std::string& part) { open += (open.empty() ? "" : "; ") + part; };
  for (const auto& [name, one] : collectors_) {
    if (one.crashes != 0) {
      add(fmt::format(
          "{} ended {} without a last word ({}{}), so an unknown number of its events from {} to {} "
          "may be missing",
          name, one.crashes == 1 ? "once" : fmt::format("{} times", one.crashes),
          one.crashes == 1 ? "" : "the last: ", one.last_crash, local_time(one.crashed_from),
          local_time(one.crashed_to)));
    }
    if (one.gone_since) {
      add(fmt::format("nothing of {} is seen since {}: {}", name, local_time(*one.gone_since), one.gone_why));
    }
  }
  for (const auto& sentence : unknowns_) add(sentence);
  if (agent_gone_) {
    add(fmt::format("the agent is gone since {}, so what is missing since then is not known",
                    local_time(*agent_gone_)));
  }
  const std::string lost = sequence_.losses();
  std::string text = lost.empty() ? "" : "lost: " + lost;
  if (!open.empty()) text += (text.empty() ? "" : "; ") + std::string("not known to be complete: ") + open;
  if (text.empty()) text = whole_ ? "nothing was lost" : "no collector reported a loss";
  if (refused_ != 0) {
    text += fmt::format("; {} frame{} not shown, the last from {}", refused_, refused_ == 1 ? "" : "s",
                        last_refusal_);
  }
  return text;
}

}  // namespace daemoneye_cli
