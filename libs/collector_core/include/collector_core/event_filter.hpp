// What a subscriber wants of the events that its pattern lets through: typed predicates, all of which must
// hold.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "collector_core/event.hpp"

namespace collector_core {

/// `data.<path>` equals `value`. A dot in the path steps into an object: "process.pid". A missing field
/// equals nothing. Integers compare by value; a number written with a fraction is another value (1 is
/// not 1.0).
struct FieldEquals {
  std::string path;
  boost::json::value value;
};

/// An empty list or value sets no condition. Default: every message passes, events or not.
struct EventFilter {
  std::vector<std::string> domains{};
  std::vector<std::string> kinds{};
  std::vector<std::string> collectors{};
  std::optional<std::uint64_t> minimum_seq{};  ///< events with this number or a greater one
  std::vector<FieldEquals> fields{};

  [[nodiscard]] bool empty() const noexcept;
  [[nodiscard]] bool matches(const Event& event) const;
};

}  // namespace collector_core
