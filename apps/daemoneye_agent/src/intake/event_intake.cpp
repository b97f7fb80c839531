// The agent trusts the bus on who sent a frame, and nobody on what is in it.
#include "intake/event_intake.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>

#include "busrt/base/json_fields.hpp"
#include "daemoneye/events/event.hpp"
#include "daemoneye/events/topics.hpp"

namespace daemoneye_agent {
void EventIntake::take(std::string_view topic, std::string_view sender, std::string_view payload, Time now) {
  if (topic.starts_with(daemoneye::events::topics::events)) {
    take_event(sender, payload, now);
    return;
  }
  constexpr std::string_view prefix = daemoneye::events::topics::health;
  if (!topic.starts_with(prefix) || topic.substr(prefix.size()) != sender) return;
  boost::system::error_code failed;
  const auto value = boost::json::parse(payload, failed);
  if (!failed && value.is_object()) health(sender, value.get_object(), now);
}

void EventIntake::take_event(std::string_view sender, std::string_view payload, Time now) {
  const auto event = daemoneye::events::decode_event(payload);
  if (!event) {
    account_.refused(sender, event.error().message, now);
    return;
  }
  if (event->collector != sender) {
    account_.refused(sender, "an event in the name of " + event->collector, now);
    return;
  }
  if (!event->is_loss()) {
    account_.arrived(sender, event->epoch, event->seq, event->time);
    return;
  }
  const auto loss = daemoneye::events::parse_loss(event->data);
  if (!loss) {
    account_.refused(sender, loss.error().message, now);
    return;
  }
  account_.loss_arrived(sender, event->epoch, event->seq, event->time, loss->cause, loss->count);
}

void EventIntake::health(std::string_view collector, const boost::json::object& health, Time now) {
  const std::uint64_t epoch = busrt::base::number_at(health, "epoch");
  const std::uint64_t seq = busrt::base::number_at(health, "seq");
  if (epoch == 0) return;
  auto known = announced_.find(collector);
  if (known == announced_.end()) {
    if (announced_.size() >= max_account_collectors) return;
    known = announced_.emplace(std::string(collector), Announced{}).first;
  }
  Announced& announced = known->second;
  if (epoch > announced.epoch) announced = {epoch, seq};
  if (epoch != announced.epoch) return;
  announced.seq = std::max(announced.seq, seq);
  // The broker keeps the order of one sender's frames, and this frame is the last. Earlier ones that have not
  // arrived are lost.
  if (!busrt::base::true_at(health, "last")) return;
  announced.last = true;
  account_.ended_at(collector, epoch, announced.seq, now);
}

void EventIntake::ended(std::string_view collector, Time now) {
  // Its events name the run as well, should no health record have come.
  Announced run{account_.totals(collector).epoch, 0};
  const auto known = announced_.find(collector);
  if (known != announced_.end() && known->second.epoch >= run.epoch) run = known->second;
  if (run.epoch != 0 && !run.last) account_.cut(collector, run.epoch, run.seq, now);
}

}  // namespace daemoneye_agent
