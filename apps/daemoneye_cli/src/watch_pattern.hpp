// The topic pattern of `daemoneye watch`, checked before the agent is asked.
#pragma once

#include <string>
#include <string_view>

namespace daemoneye_cli {

/// What keeps a pattern from being subscribed to, as the end of a sentence about it ("is empty"); empty when
/// nothing does.
[[nodiscard]] std::string pattern_problem(std::string_view pattern);

}  // namespace daemoneye_cli
