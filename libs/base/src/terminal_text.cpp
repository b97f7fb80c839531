// A character is a code point and the marks of no width behind it.
#include "busrt/base/terminal_text.hpp"

#include <algorithm>

#include "busrt/base/utf8.hpp"
#include "character_columns.hpp"

namespace busrt::base {

namespace {

constexpr std::string_view ellipsis = "…";

struct Piece {
  std::size_t bytes;
  std::size_t columns;
};

Piece first_code_point(std::string_view text) noexcept {
  const CodePoint next = decode_utf8(text);
  if (next.bytes == 0) return {1, 1};
  return {next.bytes, character_columns(next.value)};
}

}  // namespace

std::size_t columns_of(std::string_view text) noexcept {
  std::size_t columns = 0;
  while (!text.empty()) {
    const Piece next = first_code_point(text);
    columns += next.columns;
    text.remove_prefix(next.bytes);
  }
  return columns;
}

std::string cut(std::string_view text, std::size_t columns) {
  std::size_t used = 0;
  std::size_t kept = 0;  // bytes that leave room for the ellipsis
  for (std::size_t at = 0; at < text.size();) {
    const Piece next = first_code_point(text.substr(at));
    used += next.columns;
    if (used > columns)
      return columns == 0 ? std::string() : std::string(text.substr(0, kept)).append(ellipsis);
    at += next.bytes;
    if (used < columns) kept = at;
  }
  return std::string(text);
}

std::string padded(std::string_view text, std::size_t columns, Align align) {
  const std::size_t width = columns_of(text);
  const std::string blanks(columns - std::min(columns, width), ' ');
  std::string out(text);
  return align == Align::left ? out + blanks : blanks + out;
}

}  // namespace busrt::base
