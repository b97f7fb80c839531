// Text from peers, as much of it as a line of the log shows.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace busrt::broker {

/// Returns the text, cut to 128 bytes and "..." if it is longer.
[[nodiscard]] inline std::string shown_text(std::string_view text) {
  constexpr std::size_t most_bytes = 128;
  if (text.size() <= most_bytes) return std::string(text);
  return std::string(text.substr(0, most_bytes)) + "...";
}

}  // namespace busrt::broker
