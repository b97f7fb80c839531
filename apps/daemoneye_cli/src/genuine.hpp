// Which publications are what their topic says: anybody on the bus can publish on any topic.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "daemoneye/events/event.hpp"

namespace daemoneye_cli {

/// A publication that its sender may make: an event, or something on another topic.
struct Genuine {
  std::optional<daemoneye::events::Event> event;
};

/// `sender` is the full name on the bus, which the broker vouches for. An event must come from the collector
/// that its envelope names, a health record from the collector of its topic, `control.*` and `alerts.*` from
/// the agent. The error is a sentence on what was wrong: "no event: ...", "an event in the name of ...".
[[nodiscard]] std::expected<Genuine, std::string> judge(std::string_view topic, std::string_view sender,
                                                        std::string_view payload);

}  // namespace daemoneye_cli
