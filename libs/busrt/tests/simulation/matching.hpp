// Whether a pattern matches, written from the protocol's description and for small patterns: the checks must
// not ask the code that they check.
#pragma once

#include <string_view>

namespace busrt::simulation {

/// One segment `one`, the rest (one segment or more) `rest`.
[[nodiscard]] constexpr bool matches(std::string_view pattern, std::string_view text, char separator,
                                     std::string_view one, std::string_view rest) noexcept {
  for (;;) {
    const auto pattern_end = pattern.find(separator);
    const auto text_end = text.find(separator);
    const std::string_view wanted = pattern.substr(0, pattern_end);
    if (wanted == rest) return true;
    if (wanted != one && wanted != text.substr(0, text_end)) return false;
    if (pattern_end == std::string_view::npos || text_end == std::string_view::npos) {
      return pattern_end == text_end;
    }
    pattern.remove_prefix(pattern_end + 1);
    text.remove_prefix(text_end + 1);
  }
}
[[nodiscard]] constexpr bool topic_matches(std::string_view pattern, std::string_view topic) noexcept {
  return matches(pattern, topic, '/', "+", "#");
}
[[nodiscard]] constexpr bool mask_matches(std::string_view mask, std::string_view name) noexcept {
  return matches(mask, name, '.', "?", "*");
}

}  // namespace busrt::simulation
