// The topic pattern of `daemoneye watch`, checked before the agent is asked.
#pragma once

#include <string>
#include <string_view>

namespace daemoneye_cli {

/// What keeps a pattern from being subscribed to, as the end of a sentence about it ("is empty"); empty when
/// nothing does.
[[nodiscard]] std::string pattern_problem(std::string_view pattern);

/// Explains why a pattern matches no topic that DaemonEye knows, and names the nearest known pattern, as one
/// sentence. Returns nothing for a pattern that can match a known topic, or news of the broker. Another
/// collector may publish on the topics of a domain of its own, so this is a warning and no error.
[[nodiscard]] std::string pattern_doubt(std::string_view pattern);

}  // namespace daemoneye_cli
