// What a topic pattern means, as the broker decides it: for programs that filter what they have received, or
// check a pattern before they subscribe.
#pragma once

#include <string_view>

#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt {

/// Tells whether a subscription to `pattern` gets a frame that is published on `topic`.
///
/// A pattern has one of two notations. Path notation separates segments by `/`; `+` stands for one segment,
/// `#` for the rest, one segment or more. Dotted notation separates them by `.`; `?` stands for one segment,
/// `*` for the rest. A pattern is dotted when it has no `/` and one of its dot-separated segments is exactly
/// `?` or `*`.
///
/// Complexity: linear in both. Thread safety: any thread.
[[nodiscard]] bool topic_matches(std::string_view pattern, std::string_view topic) noexcept;

/// Returns nullptr for a pattern that a broker takes, else a sentence without subject that says what is wrong
/// with it: it is longer than limits::max_topic_bytes, has more than limits::max_topic_segments segments,
/// holds a NUL, or is not UTF-8. Thread safety: any thread; the text is static.
[[nodiscard]] const char* topic_pattern_problem(std::string_view pattern) noexcept;

/// The same for a topic to publish on.
[[nodiscard]] const char* topic_problem(std::string_view topic) noexcept;

}  // namespace busrt
BUSRT_API_END
