// Bytes as the protocol's own documents write them: the wire tests compare hex against hex.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/base/byte_buffer.hpp"

namespace busrt::test {

using Bytes = std::vector<std::byte>;

/// "eb 01 00" and 'text in quotes', in any mixture: `bytes("12 'bob' 00")`.
inline Bytes bytes(std::string_view notation) {
  const auto digit = [](char c) { return static_cast<unsigned>(c >= 'a' ? c - 'a' + 10 : c - '0'); };
  Bytes out;
  bool quoted = false;
  for (std::size_t i = 0; i < notation.size(); ++i) {
    const char c = notation[i];
    if (c == '\'') {
      quoted = !quoted;
    } else if (quoted) {
      out.push_back(static_cast<std::byte>(c));
    } else if (c != ' ') {
      out.push_back(static_cast<std::byte>(digit(c) << 4U | digit(notation[++i])));
    }
  }
  return out;
}

/// Bytes as "eb 01 00", for comparisons whose failure can be read.
inline std::string hex(std::span<const std::byte> data) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const std::byte byte : data) {
    if (!out.empty()) out += ' ';
    out += digits[std::to_integer<std::size_t>(byte >> 4U)];
    out += digits[std::to_integer<std::size_t>(byte & std::byte{0x0F})];
  }
  return out;
}
inline std::string hex(const busrt::base::ByteBuffer& buffer) {
  return hex(buffer.data());
}

inline std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}
inline std::string text(std::span<const std::byte> data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

/// A copy of exactly these bytes on the heap, so that a sanitizer sees any read beyond them.
inline Bytes exact(std::span<const std::byte> data) {
  return {data.begin(), data.end()};
}

}  // namespace busrt::test
