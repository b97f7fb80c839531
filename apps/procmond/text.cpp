// UTF-8 by the table of well-formed sequences of the Unicode standard: no overlong forms, no surrogates.
#include "text.hpp"

#include <cstddef>
#include <cstdint>

namespace procmond {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t index) {
  return static_cast<std::uint8_t>(text[index]);
}

bool is_between(std::uint8_t value, int least, int most) {
  return value >= least && value <= most;
}

/// Length of the well-formed sequence at the front of `text` (not empty), or 0.
std::size_t sequence_length(std::string_view text) {
  const std::uint8_t lead = byte_at(text, 0);
  if (lead < 0x80) return 1;
  std::size_t length = 0;
  int least = 0x80;
  int most = 0xbf;
  if (is_between(lead, 0xc2, 0xdf)) {
    length = 2;
  } else if (is_between(lead, 0xe0, 0xef)) {
    length = 3;
    if (lead == 0xe0) least = 0xa0;
    if (lead == 0xed) most = 0x9f;
  } else if (is_between(lead, 0xf0, 0xf4)) {
    length = 4;
    if (lead == 0xf0) least = 0x90;
    if (lead == 0xf4) most = 0x8f;
  }
  if (length == 0 || text.size() < length || !is_between(byte_at(text, 1), least, most)) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (!is_between(byte_at(text, i), 0x80, 0xbf)) return 0;
  }
  return length;
}

}  // namespace

std::string to_utf8(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t length = sequence_length(bytes);
    if (length != 0) {
      text.append(bytes.substr(0, length));
      bytes.remove_prefix(length);
      continue;
    }
    const unsigned value = byte_at(bytes, 0);
    text.append("\\x");
    text.push_back(digits[value >> 4U]);
    text.push_back(digits[value & 15U]);
    bytes.remove_prefix(1);
  }
  return text;
}

std::string_view base_name(std::string_view path) noexcept {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || slash + 1 == path.size()) return path;
  return path.substr(slash + 1);
}

}  // namespace procmond
