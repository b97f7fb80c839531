// Makes text from other programs safe to print.
#pragma once

#include <string>
#include <string_view>

namespace busrt::base {

/// Returns the text with escapes for everything that could control a terminal, end a log line, or disguise
/// the line. These are control characters (C0, DEL and C1) and the marks that change the direction of text.
/// Bytes that are not UTF-8 become `\xNN`. All other text stays as it is.
[[nodiscard]] std::string printable(std::string_view text);

/// As printable(), but keeps line ends and tabs. For text of several lines.
[[nodiscard]] std::string printable_lines(std::string_view text);

/// Returns the same JSON, with `\uNNNN` in its strings for everything that printable() escapes.
[[nodiscard]] std::string printable_json(std::string_view text);

}  // namespace busrt::base
