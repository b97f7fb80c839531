// Most text is ASCII without anything to escape, so the writer looks for the first byte that needs work and
// copies what stands before it.
#include "daemoneye/events/object_writer.hpp"

#include <array>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cmath>

#include "busrt/base/utf8.hpp"
#include "daemoneye/events/time_text.hpp"

namespace daemoneye::events {
namespace {

constexpr bool needs_escape(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

/// What JSON writes for a byte that needs an escape.
void append_escaped(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '\\';
  switch (c) {
    case '\b':
      out += 'b';
      return;
    case '\f':
      out += 'f';
      return;
    case '\n':
      out += 'n';
      return;
    case '\r':
      out += 'r';
      return;
    case '\t':
      out += 't';
      return;
    case '"':
    case '\\':
      out += c;
      return;
    default:
      out += "u00";
      out += digits[static_cast<unsigned char>(c) >> 4U];
      out += digits[static_cast<unsigned char>(c) & 0xFU];
  }
}

void append_valid(std::string& out, std::string_view text) {
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && !needs_escape(text[plain])) ++plain;
    out.append(text.substr(0, plain));
    if (plain == text.size()) return;
    append_escaped(out, text[plain]);
    text.remove_prefix(plain + 1);
  }
}

template <class Number>
void append_number(std::string& out, Number value) {
  std::array<char, 24> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  if (busrt::base::valid_utf8(text)) {
    append_valid(out, text);
  } else {
    append_valid(out, busrt::base::replace_invalid_utf8(text));
  }
  out += '"';
}

void ObjectWriter::put(const Field& field, std::chrono::system_clock::time_point value) {
  std::string& out = key(field);
  out += '"';
  append_time(out, value);
  out += '"';
}

std::string& ObjectWriter::key(const Field& field) {
  std::string& out = *out_;
  if (!empty_) out += ',';
  empty_ = false;
  out += '"';
  out += field.name;
  out += "\":";
  return out;
}

void ObjectWriter::append_signed(std::string& out, std::int64_t value) {
  append_number(out, value);
}

void ObjectWriter::append_unsigned(std::string& out, std::uint64_t value) {
  append_number(out, value);
}

void ObjectWriter::append_real(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  // As Boost.JSON does it, so that a real stays one when it is read again: 1 is written as 1E0.
  out += boost::json::serialize(boost::json::value(value));
}

}  // namespace daemoneye::events
