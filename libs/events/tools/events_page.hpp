// docs/events.md as text.
#pragma once

#include <string>

namespace daemoneye::events {

/// Returns the page: what an event is, then a table of fields for each table of the schema.
[[nodiscard]] std::string events_page();

}  // namespace daemoneye::events
