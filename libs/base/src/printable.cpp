#include "busrt/base/printable.hpp"

#include <cstdint>

#include "busrt/base/utf8.hpp"

namespace busrt::base {

namespace {

/// U+FFFD, which stands for what is no character.
constexpr std::uint32_t replacement = 0xFFFD;

/// All that is not harmless lies below U+10000, so that four digits name it.
bool harmless(std::uint32_t code_point) {
  const bool control = code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0);
  // Unicode's line and paragraph separators, and its marks and overrides of direction (UAX 9).
  const bool separator = code_point == 0x2028 || code_point == 0x2029;
  const bool direction = code_point == 0x200E || code_point == 0x200F || code_point == 0x061C ||
                         (code_point >= 0x202A && code_point <= 0x202E) ||
                         (code_point >= 0x2066 && code_point <= 0x2069);
  return !control && !separator && !direction;
}

void append_hex(std::string& out, std::uint32_t value, unsigned digits) {
  constexpr std::string_view letters = "0123456789abcdef";
  while (digits-- != 0) out += letters[value >> (digits * 4U) & 0xFU];
}

/// Calls `keep` with each run that can be shown, and `escape` with each code point or byte that cannot.
template <class Keep, class Escape>
void split(std::string_view text, Keep keep, Escape escape) {
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint next = decode_utf8(text.substr(at));
    const std::size_t bytes = next.bytes == 0 ? 1 : next.bytes;
    if (next.bytes == 0 || !harmless(next.value)) {
      keep(text.substr(begin, at - begin));
      escape(text.substr(at, bytes), next);
      begin = at + bytes;
    }
    at += bytes;
  }
  keep(text.substr(begin));
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  split(
      text, [&out](std::string_view run) { out += run; },
      [&out](std::string_view bytes, const CodePoint&) {
        for (const char byte : bytes) {
          out += "\\x";
          append_hex(out, static_cast<unsigned char>(byte), 2);
        }
      });
  return out;
}

std::string printable_json(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  split(
      text, [&out](std::string_view run) { out += run; },
      [&out](std::string_view bytes, const CodePoint& code_point) {
        // Outside of strings JSON has no other control characters than these, and there they are blanks.
        if (bytes == "\n" || bytes == "\t") {
          out += bytes;
        } else if (bytes == "\r") {
          out += ' ';
        } else {
          out += "\\u";
          append_hex(out, code_point.bytes == 0 ? replacement : code_point.value, 4);
        }
      });
  return out;
}

std::string printable_lines(std::string_view text) {
  std::string out;
  for (;;) {
    const std::size_t end = text.find_first_of("\n\t");
    out += printable(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    out += text[end];
    text.remove_prefix(end + 1);
  }
}

}  // namespace busrt::base
