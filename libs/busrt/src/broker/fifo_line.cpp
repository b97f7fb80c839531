#include "broker/fifo_line.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "broker/packer.hpp"
#include "busrt/frame.hpp"
#include "busrt/limits.hpp"
#include "busrt/protocol.hpp"
#include "wire/codec.hpp"
#include "wire/names.hpp"
#include "wire/rpc_frame.hpp"

namespace busrt::broker {

namespace {

using Problem = std::unexpected<const char*>;

struct Param {
  std::string_view key;
  std::string value;
  bool quoted = false;
};

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

void pack_value(Packer& packer, const Param& param) {
  if (!param.quoted) {
    if (param.value == "true" || param.value == "false") return packer.boolean(param.value == "true");
    if (const auto integer = parse_number<std::int64_t>(param.value)) return packer.signed_integer(*integer);
    if (const auto number = parse_number<double>(param.value)) return packer.number(*number);
  }
  packer.string(param.value);
}

/// Takes a quoted value from the front of `text`, whose first character is the opening quote. False where the
/// closing one is missing.
bool take_quoted(std::string_view& text, std::string& value) {
  for (std::size_t at = 1; at < text.size(); ++at) {
    const bool escape =
        text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == '"' || text[at + 1] == '\\');
    if (escape) {
      value += text[++at];
    } else if (text[at] == '"') {
      text.remove_prefix(at + 1);
      return true;
    } else {
      value += text[at];
    }
  }
  return false;
}

std::expected<std::vector<Param>, const char*> parse_params(std::string_view text) {
  std::vector<Param> params;
  for (;;) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.empty()) return params;
    const std::size_t equals = text.find('=');
    const std::size_t space = text.find(' ');
    if (equals == std::string_view::npos || equals > space)
      return Problem("a param without its value, expected KEY=VALUE");
    if (equals == 0) return Problem("a param without its key, expected KEY=VALUE");
    Param param{.key = text.substr(0, equals), .value = {}};
    text.remove_prefix(equals + 1);
    if (text.starts_with('"')) {
      param.quoted = true;
      if (!take_quoted(text, param.value)) return Problem("a quoted value without its closing quote");
      if (!text.empty() && !text.starts_with(' '))
        return Problem("something stands right behind a closing quote");
    } else {
      const std::size_t end = std::min(text.find(' '), text.size());
      param.value = text.substr(0, end);
      text.remove_prefix(end);
    }
    for (const Param& earlier : params) {
      if (earlier.key == param.key) return Problem("a param is given twice");
    }
    if (params.size() == limits::fifo_params) return Problem("too many params");
    params.push_back(std::move(param));
  }
}

std::expected<void, const char*> append_call(base::ByteBuffer& frames, std::string_view target,
                                             std::string_view call) {
  // A NUL would end the method and begin params that are none.
  if (!wire::valid_name(call)) return Problem("the call is not UTF-8 text without NUL");
  const std::size_t end = std::min(call.find(' '), call.size());
  const std::string_view method = call.substr(0, end);
  if (method.empty()) return Problem("no method after the colon");
  const auto params = parse_params(call.substr(end));
  if (!params) return Problem(params.error());
  base::ByteBuffer payload;
  wire::append_rpc_request_header(payload, 0, method);
  if (!params->empty()) {
    Packer packer(payload);
    packer.map(static_cast<std::uint32_t>(params->size()));
    for (const Param& param : *params) {
      packer.string(param.key);
      pack_value(packer, param);
    }
  }
  wire::append_request(frames, 1, Op::message, QoS::no, target, {}, {}, payload.data());
  return {};
}

/// A name for the wire, or what is wrong with it.
const char* name_problem(std::string_view name, std::size_t longest) {
  if (name.empty()) return "no target";
  if (name.size() > longest) return "the target is too long";
  if (!wire::valid_name(name)) return "the target is not UTF-8 text without NUL";
  return wire::topic_problem(name);
}

}  // namespace

std::expected<void, const char*> append_fifo_line(base::ByteBuffer& frames, std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  const bool publishes = line.starts_with('=');
  if (publishes) line.remove_prefix(1);
  const std::size_t space = line.find(' ');
  const std::string_view target = line.substr(0, space);
  if (const char* problem =
          name_problem(target, publishes ? limits::max_topic_bytes : limits::max_name_bytes))
    return Problem(problem);
  if (space == std::string_view::npos) return Problem("no message after the target");
  const std::string_view message = line.substr(space + 1);
  if (publishes) {
    wire::append_request(frames, 1, Op::publish, QoS::no, target, {}, {}, as_bytes(message));
    return {};
  }
  if (target.find_first_of("*?") != std::string_view::npos) {
    wire::append_request(frames, 1, Op::broadcast, QoS::no, target, {}, {}, as_bytes(message));
    return {};
  }
  if (message.starts_with(':')) return append_call(frames, target, message.substr(1));
  base::ByteBuffer notification;
  const bool notifies = message.starts_with('.');
  if (notifies) wire::append_rpc_notification_header(notification);
  wire::append_request(frames, 1, Op::message, QoS::no, target, {}, notification.data(),
                       as_bytes(message.substr(notifies ? 1 : 0)));
  return {};
}

}  // namespace busrt::broker
