// What a topic pattern means, for who sorts frames that came by several patterns.
#pragma once

#include <string>
#include <string_view>

namespace collector_core {

/// True where a subscription to `pattern` gets a frame of `topic`; the broker's own matcher, in both
/// notations.
[[nodiscard]] bool topic_matches(std::string_view pattern, std::string_view topic) noexcept;

/// What keeps a pattern from being subscribed to, as the end of a sentence about it ("is empty"); empty when
/// nothing does.
[[nodiscard]] std::string pattern_problem(std::string_view pattern);

}  // namespace collector_core
