// Predicates on events.

#include "daemoneye/event_bus/event_filter.hpp"

#include <algorithm>
#include <string_view>

namespace daemoneye::event_bus {
namespace {

bool listed(const std::vector<std::string>& words, const std::string& word) {
  return words.empty() || std::find(words.begin(), words.end(), word) != words.end();
}

/// The value at a dotted path, or nullptr.
const boost::json::value* find(const boost::json::object& data, std::string_view path) {
  const boost::json::object* object = &data;
  while (true) {
    const auto dot = path.find('.');
    const auto* const value = object->if_contains(path.substr(0, dot));
    if (value == nullptr || dot == std::string_view::npos) return value;
    object = value->if_object();
    if (object == nullptr) return nullptr;
    path.remove_prefix(dot + 1);
  }
}

}  // namespace

bool EventFilter::empty() const noexcept {
  return domains.empty() && kinds.empty() && collectors.empty() && !minimum_seq && fields.empty();
}

bool EventFilter::matches(const events::Event& event) const {
  if (!listed(domains, event.domain) || !listed(kinds, event.kind) || !listed(collectors, event.collector)) {
    return false;
  }
  if (minimum_seq && event.seq < *minimum_seq) return false;
  return std::all_of(fields.begin(), fields.end(), [&event](const FieldEquals& field) {
    const auto* const value = find(event.data, field.path);
    // Boost.JSON compares int64 and uint64 by value; a double equals only a double.
    return value != nullptr && *value == field.value;
  });
}

}  // namespace daemoneye::event_bus
