#include "busrt/base/utf8.hpp"

#include <array>
#include <cstring>

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
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = at + text.size();
  const auto continuation = [](unsigned char byte) { return (byte & 0xC0U) == 0x80U; };
  while (at < end) {
    // Names and most other texts are ASCII: take eight bytes at a time while no high bit is set.
    while (end - at >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, at, sizeof word);
      if ((word & 0x8080808080808080U) != 0) break;
      at += 8;
    }
    if (at == end) return true;
    const unsigned char lead = *at;
    const auto left = end - at;
    if (lead < 0x80U) {
      at += 1;
    } else if (lead >= 0xC2U && lead <= 0xDFU) {
      if (left < 2 || !continuation(at[1])) return false;
      at += 2;
    } else if ((lead & 0xF0U) == 0xE0U) {
      if (left < 3 || !continuation(at[1]) || !continuation(at[2])) return false;
      if (lead == 0xE0U && at[1] < 0xA0U) return false;  // overlong
      if (lead == 0xEDU && at[1] > 0x9FU) return false;  // surrogate
      at += 3;
    } else if (lead >= 0xF0U && lead <= 0xF4U) {
      if (left < 4 || !continuation(at[1]) || !continuation(at[2]) || !continuation(at[3])) return false;
      if (lead == 0xF0U && at[1] < 0x90U) return false;  // overlong
      if (lead == 0xF4U && at[1] > 0x8FU) return false;  // above U+10FFFF
      at += 4;
    } else {
      return false;
    }
  }
  return true;
}

namespace {

/// `write_invalid(out, byte)` stands in for each byte that is no part of a code point.
template <class WriteInvalid>
std::string rewrite(std::string_view text, const WriteInvalid& write_invalid) {
  std::string out;
  if (valid_utf8(text)) return out.assign(text);
  out.reserve(text.size() + 16);
  while (!text.empty()) {
    const std::size_t bytes = decode_utf8(text).bytes;
    if (bytes == 0) {
      write_invalid(out, static_cast<unsigned char>(text.front()));
    } else {
      out += text.substr(0, bytes);
    }
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  return out;
}

}  // namespace

std::string replace_invalid_utf8(std::string_view text) {
  return rewrite(text, [](std::string& out, unsigned char /*byte*/) { out += "\xEF\xBF\xBD"; });
}

std::string escape_invalid_utf8(std::string_view text) {
  return rewrite(text, [](std::string& out, unsigned char byte) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += {'\\', 'x', digits[byte >> 4U], digits[byte & 15U]};
  });
}

std::string_view utf8_prefix(std::string_view text, std::size_t most) noexcept {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) --most;
  return text.substr(0, most);
}

}  // namespace busrt::base
