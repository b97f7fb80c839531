// Filters of a subscription: typed conditions on the events that its pattern matches. An event must meet all
// of them.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemoneye/events/event.hpp"

namespace daemoneye::event_bus {

/// The condition that `data.<path>` equals `value`. A dot in the path descends into an object: "process.pid".
/// A missing field equals no value. Integers compare by value. A number with a fraction differs from an
/// integer: 1 is not 1.0.
struct FieldEquals {
  std::string path;
  boost::json::value value;
};

/// A filter. An event meets a list if its value is in the list. An empty list or value sets no condition. The
/// default passes every message, also one that is not an event.
struct EventFilter {
  std::vector<std::string> domains{};
  std::vector<std::string> kinds{};
  std::vector<std::string> collectors{};
  std::optional<std::uint64_t> minimum_seq{};  ///< events with this sequence number or a greater one
  std::vector<FieldEquals> fields{};

  /// Returns true if the filter has no condition.
  [[nodiscard]] bool empty() const noexcept;
  /// Returns true if the event meets all conditions.
  [[nodiscard]] bool matches(const events::Event& event) const;
};

}  // namespace daemoneye::event_bus
