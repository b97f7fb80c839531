// The filter of client.list: a regular expression on client names, which clients choose.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "busrt/broker_stats.hpp"

namespace busrt::broker {

/// Removes the clients whose names do not hold a match. Returns what is wrong with the pattern, and then
/// leaves the list as it is.
[[nodiscard]] std::optional<std::string> keep_matching(std::vector<ClientInfo>& clients,
                                                       const std::string& pattern);

}  // namespace busrt::broker
