// The agent's answer to `status`, read with care: an older or newer agent may leave out or add fields.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "terminal.hpp"

namespace daemoneye_cli {

/// All is well now: every collector runs, answers and has no complaint.
[[nodiscard]] bool is_well(const boost::json::object& status);

/// And nothing was ever missing since the agent started.
[[nodiscard]] bool is_complete(const boost::json::object& status);

/// Whether a collector is on its way up, so that asking again soon is worth it.
[[nodiscard]] bool is_settling(const boost::json::object& status);

/// The whole status as a table.
[[nodiscard]] std::string format_status(const boost::json::object& status, const Screen& screen);

/// What each collector watches, by which method, and what it cannot see: lines for the top of `watch`.
[[nodiscard]] std::vector<std::string> describe_sight(const boost::json::object& status,
                                                      const Screen& screen);

}  // namespace daemoneye_cli
