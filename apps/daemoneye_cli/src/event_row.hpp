// One event as one line for people.
#pragma once

#include <string>

#include "daemoneye/events/event.hpp"
#include "terminal.hpp"

namespace daemoneye_cli {

/// The heading over the rows of format_event().
[[nodiscard]] std::string event_heading(const Screen& screen);

/// TIME EVENT PID PPID UID and what happened, cut to the screen's width; a narrow one leaves out PPID, UID,
/// TIME, PID and EVENT, in this order, before what happened gets less than 20 columns. Times are local.
[[nodiscard]] std::string format_event(const daemoneye::events::Event& event, const Screen& screen);

/// A line among the rows that says that something is missing.
[[nodiscard]] std::string format_notice(const std::string& sentence, const Screen& screen);

/// The arguments as one would type them: quoted where a shell would split or expand.
[[nodiscard]] std::string shell_words(const boost::json::array& args);

}  // namespace daemoneye_cli
