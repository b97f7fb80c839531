// What may stand where a client name, topic or pattern stands: for the broker, which ends a connection over
// it, and for the client, which does not send it.
#pragma once

#include <string_view>

namespace busrt::wire {

/// True for a name that can stand in a frame: UTF-8 without a NUL. Says nothing of length or reserved names.
[[nodiscard]] bool valid_name(std::string_view text) noexcept;

/// nullptr for a pattern, or for a topic, client name or mask that a frame may name as its target; else a
/// sentence that says what is wrong: over limits::max_topic_bytes, over limits::max_topic_segments by either
/// separator, a NUL, or not UTF-8. A broker ends the connection of a client that sends such a name.
[[nodiscard]] const char* pattern_problem(std::string_view pattern) noexcept;
[[nodiscard]] const char* topic_problem(std::string_view topic) noexcept;

}  // namespace busrt::wire
