#include "busrt/base/utf8.hpp"

#include <array>

namespace busrt::base {

CodePoint decode_utf8(std::string_view text) noexcept {
  const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80U) return {lead, 1};
  const std::size_t length = lead >= 0xF0U ? 4 : lead >= 0xE0U ? 3 : 2;
  // Shortest encoding of each length: anything below it is overlong.
  constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  if (lead < 0xC2U || lead > 0xF4U || text.size() < length) return {};
  std::uint32_t code_point = lead & (0xFFU >> (length + 1));
  for (std::size_t at = 1; at < length; ++at) {
    if ((byte(at) & 0xC0U) != 0x80U) return {};
    code_point = code_point << 6U | (byte(at) & 0x3FU);
  }
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (code_point < least[length] || code_point > 0x10FFFF || surrogate) return {};
  return {code_point, length};
}

bool valid_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t bytes = decode_utf8(text).bytes;
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

}  // namespace busrt::base
