// What a collector finds on its stdin.
#pragma once

#include <string_view>

#include "busrt/base/result.hpp"
#include "busrt/base/unique_fd.hpp"

namespace daemoneye_agent {

/// Returns a descriptor that reads `text` and then its end. Memory and no pipe, so that writing it blocks on
/// no reader. Errors: the system's own.
[[nodiscard]] busrt::base::Result<busrt::base::UniqueFd> make_collector_input(std::string_view text);

}  // namespace daemoneye_agent
