// Text from outside, made safe to show to a person.
#pragma once

#include <string>
#include <string_view>

namespace busrt::base {

/// The text with everything that could act on a terminal, end a line of a log or disguise it written as an
/// escape: control characters (C0, DEL and C1), the marks that change the direction of text, and bytes that
/// are not UTF-8 as `\xNN`. What is left is as it was.
[[nodiscard]] std::string printable(std::string_view text);

/// printable() that keeps line ends and tabs, for text of several lines.
[[nodiscard]] std::string printable_lines(std::string_view text);

/// The same JSON, with what printable() escapes in its strings written as `\uNNNN`.
[[nodiscard]] std::string printable_json(std::string_view text);

}  // namespace busrt::base
