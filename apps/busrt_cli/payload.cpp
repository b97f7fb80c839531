// How a payload is recognised follows the real tool, byte by byte, because people compare outputs.
#include "payload.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <charconv>
#include <cstdint>

#include "busrt/error.hpp"
#include "busrt/frame.hpp"
#include "busrt/msgpack.hpp"
#include "json_text.hpp"
#include "system.hpp"
#include "terminal.hpp"

namespace busrt_cli {
namespace {

namespace json = boost::json;

constexpr std::size_t shown_hex_bytes = 256;
constexpr std::size_t max_json_depth = 128;

std::optional<json::value> parse_json_object(std::string_view text) {
  boost::system::error_code wrong;
  json::parse_options options;
  options.max_depth = max_json_depth;
  json::value value = json::parse({text.data(), text.size()}, wrong, {}, options);
  if (wrong || !value.is_object()) return std::nullopt;
  return value;
}

std::string value_text(const json::value& value, std::string_view heading, bool silent) {
  if (silent) return shown(json_text(value, JsonLayout::compact)) + "\n";
  return fmt::format("{}\n{}\n", heading, shown(json_text(value, JsonLayout::indented)));
}

base::Result<std::vector<std::byte>> read_stdin() {
  if (input_is_terminal()) print_out("Reading stdin, Ctrl-D to finish...\n");
  std::vector<std::byte> bytes;
  std::array<std::byte, 65536> chunk{};
  for (;;) {
    const auto count = read_input(chunk);
    if (!count) return std::unexpected(count.error());
    if (*count == 0) return bytes;
    bytes.insert(bytes.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(*count));
  }
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.starts_with('+')) return std::nullopt;
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

json::value parse_value(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  if (const auto integer = parse_number<std::int64_t>(text)) return *integer;
  if (const auto number = parse_number<double>(text)) return *number;
  return json::string(text.data(), text.size());
}

}  // namespace

bool valid_utf8(std::string_view text) {
  // Smallest code point of a sequence of so many bytes; anything below it is an overlong form.
  constexpr std::array<std::uint32_t, 5> smallest = {0, 0, 0x80, 0x800, 0x10000};
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead >= 0xF8 || (lead >= 0x80 && lead < 0xC0) || at + length > text.size()) return false;
    std::uint32_t point = length == 1 ? lead : lead & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
      const auto byte = static_cast<unsigned char>(text[at + i]);
      if ((byte & 0xC0U) != 0x80U) return false;
      point = (point << 6U) | (byte & 0x3FU);
    }
    if (point < smallest[length] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return false;
    at += length;
  }
  return true;
}

std::string hex_text(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte byte : bytes.first(std::min(bytes.size(), shown_hex_bytes))) {
    text += fmt::format("{:02x}", static_cast<unsigned>(byte));
  }
  if (bytes.size() > shown_hex_bytes) text += "...";
  return text;
}

std::string payload_text(std::span<const std::byte> payload, bool silent) {
  const std::string_view text = busrt::as_text(payload);
  const bool binary = std::ranges::any_of(payload, [](std::byte byte) { return byte < std::byte{9}; });
  if (!binary && valid_utf8(text)) {
    if (const auto object = parse_json_object(text)) return value_text(*object, "JSON:", silent);
    return fmt::format("{} {}\n", silent ? "" : "STR: ", shown(text));
  }
  if (const auto value = busrt::msgpack::decode(payload)) return value_text(*value, "MSGPACK:", silent);
  if (silent) return shown(text);
  return fmt::format("HEX: {}\n", hex_text(payload));
}

base::Result<std::vector<std::byte>> read_payload(const std::optional<std::string>& argument) {
  if (!argument) return read_stdin();
  const auto bytes = busrt::as_bytes(*argument);
  return std::vector<std::byte>(bytes.begin(), bytes.end());
}

base::Result<std::vector<std::byte>> read_params(const std::vector<std::string>& arguments) {
  if (arguments.size() == 1 && arguments.front() == "-") return read_stdin();
  if (arguments.empty()) return std::vector<std::byte>{};
  return encode_params(arguments);
}

base::Result<std::vector<std::byte>> encode_params(const std::vector<std::string>& pairs) {
  json::object map;
  for (const std::string& pair : pairs) {
    if (pair.empty()) continue;
    const auto mark = pair.find('=');
    if (mark == std::string::npos) {
      return base::fail(busrt::errc::data, "parameter '" + pair + "': expected key=value");
    }
    const std::string_view whole(pair);
    map[{pair.data(), mark}] = parse_value(whole.substr(mark + 1));
  }
  return busrt::msgpack::encode(map);
}

}  // namespace busrt_cli
