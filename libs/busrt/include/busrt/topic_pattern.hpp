// Which topics a pattern matches, by the same rules as in the broker. It serves programs that filter received
// frames, or that check a pattern before they subscribe.
#pragma once

#include <string_view>

#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt {

/// Returns true if a subscription to `pattern` receives a frame that is published on `topic`.
///
/// A pattern has one of two notations. In path notation, `/` separates segments, `+` stands for one segment,
/// and `#` for the rest: one segment or more. In dotted notation, `.` separates segments, `?` stands for one
/// segment, and `*` for the rest. A pattern is dotted if it has no `/` and at least one of its dot-separated
/// segments is exactly `?` or `*`.
///
/// Complexity: linear in the length of both. Thread safety: any thread.
[[nodiscard]] bool topic_matches(std::string_view pattern, std::string_view topic) noexcept;

/// Checks a pattern as a broker does.
///
/// Returns nullptr if the pattern is valid; otherwise a sentence without subject that says what is wrong. A
/// pattern is invalid if it is longer than limits::max_topic_bytes, has more than limits::max_topic_segments
/// segments, contains a NUL, or is not UTF-8. Thread safety: any thread; the text is static.
[[nodiscard]] const char* topic_pattern_problem(std::string_view pattern) noexcept;

/// Checks a topic for publishing, by the same rules and with the same results. Thread safety: any thread.
[[nodiscard]] const char* topic_problem(std::string_view topic) noexcept;

}  // namespace busrt
BUSRT_API_END
