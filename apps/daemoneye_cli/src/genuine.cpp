// The full name of the sender, because anybody can add a suffix to a collector's.
#include "genuine.hpp"

#include <fmt/format.h>

#include "daemoneye/events/topics.hpp"

namespace daemoneye_cli {
namespace {

namespace topics = daemoneye::events::topics;

/// Who alone may publish on this topic; empty where anybody may.
std::string_view owner_of(std::string_view topic) {
  if (topic.starts_with(topics::health)) return topic.substr(topics::health.size());
  if (topic.starts_with(topics::control) || topic.starts_with(topics::alerts))
    return daemoneye::events::agent_client_name;
  return {};
}

}  // namespace

std::expected<Genuine, std::string> judge(std::string_view topic, std::string_view sender,
                                          std::string_view payload) {
  if (topic.starts_with(topics::events)) {
    auto event = daemoneye::events::decode_event(payload);
    if (!event) return std::unexpected("no event: " + event.error().message);
    if (event->collector != sender) return std::unexpected("an event in the name of " + event->collector);
    return Genuine{std::move(*event)};
  }
  const std::string_view owner = owner_of(topic);
  if (owner.empty() || owner == sender) return Genuine{};
  return std::unexpected(fmt::format("a message on {} in the name of {}", topic, owner));
}

}  // namespace daemoneye_cli
