// Names of topics.
#include "daemoneye/events/topics.hpp"

#include <algorithm>

namespace daemoneye::events {

namespace topics {

std::string of_event(std::string_view domain, std::string_view kind) {
  std::string topic(events);
  topic.reserve(topic.size() + domain.size() + 1 + kind.size());
  return topic.append(domain).append(1, '.').append(kind);
}

std::string of_health(std::string_view collector) {
  return std::string(health).append(collector);
}

std::string of_collector_news(std::string_view what) {
  return std::string(collector_news).append(what);
}

}  // namespace topics

bool is_topic_word(std::string_view text) noexcept {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= word_bytes && std::ranges::all_of(text, allowed);
}

bool is_reserved_name(std::string_view name) noexcept {
  return name == "agent" || name == "collector";
}

}  // namespace daemoneye::events
