// How a payload is recognised follows the real tool, byte by byte, because people compare outputs.
#include "payload.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <charconv>
#include <cstdint>

#include "busrt/base/printable.hpp"
#include "busrt/base/utf8.hpp"
#include "busrt/error.hpp"
#include "busrt/frame.hpp"
#include "busrt/limits.hpp"
#include "busrt/msgpack.hpp"
#include "json_text.hpp"
#include "system.hpp"
#include "terminal.hpp"

namespace busrt_cli {
namespace {

namespace json = boost::json;

constexpr std::size_t shown_hex_bytes = 256;

std::string json_form(std::string text, std::string_view heading, PayloadForm form) {
  if (output_is_terminal()) text = busrt::base::printable_json(text);
  return form == PayloadForm::headed ? fmt::format("{}\n{}\n", heading, text) : text + "\n";
}

busrt::base::Result<std::vector<std::byte>> read_stdin() {
  if (input_is_terminal()) print_out("Reading stdin, Ctrl-D to finish...\n");
  std::vector<std::byte> bytes;
  std::array<std::byte, 65536> chunk{};
  for (;;) {
    const auto count = read_input(chunk);
    if (!count) return std::unexpected(count.error());
    if (*count == 0) return bytes;
    if (*count > busrt::limits::max_body_bytes - bytes.size()) {
      return busrt::base::fail(
          busrt::errc::data,
          fmt::format("standard input: more than {} bytes, the most that busrt sends in a frame",
                      busrt::limits::max_body_bytes));
    }
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

std::string hex_text(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte byte : bytes.first(std::min(bytes.size(), shown_hex_bytes))) {
    text += fmt::format("{:02x}", static_cast<unsigned>(byte));
  }
  if (bytes.size() > shown_hex_bytes) text += "...";
  return text;
}

std::string payload_text(std::span<const std::byte> payload, PayloadForm form) {
  const JsonLayout layout = form == PayloadForm::headed ? JsonLayout::indented : JsonLayout::compact;
  const std::string_view text = busrt::as_text(payload);
  const bool binary = std::ranges::any_of(payload, [](std::byte byte) { return byte < std::byte{9}; });
  if (!binary && busrt::base::valid_utf8(text)) {
    if (auto object = json_object_text(text, layout)) return json_form(*std::move(object), "JSON:", form);
    return fmt::format("{} {}\n", form == PayloadForm::headed ? "STR: " : "", shown(text));
  }
  if (const auto value = busrt::msgpack::decode(payload))
    return json_form(json_text(*value, layout), "MSGPACK:", form);
  if (form == PayloadForm::bare) return shown(text);
  return fmt::format("{}{}\n", form == PayloadForm::headed ? "HEX: " : "", hex_text(payload));
}

busrt::base::Result<std::vector<std::byte>> read_payload(const std::optional<std::string>& argument) {
  if (!argument) return read_stdin();
  const auto bytes = busrt::as_bytes(*argument);
  return std::vector<std::byte>(bytes.begin(), bytes.end());
}

busrt::base::Result<std::vector<std::byte>> read_params(const std::vector<std::string>& arguments) {
  if (arguments.size() == 1 && arguments.front() == "-") return read_stdin();
  if (arguments.empty()) return std::vector<std::byte>{};
  return encode_params(arguments);
}

busrt::base::Result<std::vector<std::byte>> encode_params(const std::vector<std::string>& pairs) {
  json::object map;
  for (const std::string& pair : pairs) {
    if (pair.empty()) continue;
    const auto mark = pair.find('=');
    if (mark == std::string::npos) {
      return busrt::base::fail(busrt::errc::data, "parameter '" + pair + "': expected key=value");
    }
    const std::string_view whole(pair);
    map[{pair.data(), mark}] = parse_value(whole.substr(mark + 1));
  }
  return busrt::msgpack::encode(map);
}

}  // namespace busrt_cli
