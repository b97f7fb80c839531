#include "client/request_encoding.hpp"

#include "busrt/limits.hpp"
#include "wire/codec.hpp"
#include "wire/names.hpp"

namespace busrt::detail {

namespace {

Result<> check_pattern(Op op, const std::string& pattern) {
  const char* const problem = pattern.empty() ? "a topic pattern is empty" : wire::pattern_problem(pattern);
  if (problem == nullptr) return {};
  const errc code = wire::valid_name(pattern) && !pattern.empty() ? errc::too_large : errc::data;
  return fail(code, std::string(to_string(op)) + " \"" + pattern.substr(0, 64) +
                        (pattern.size() > 64 ? "..." : "") + "\": " + problem);
}

}  // namespace

Result<> check_target(Op op, std::string_view target, std::string_view receiver) {
  const bool topic = op == Op::publish || op == Op::publish_for;
  // A mask may be as long as a name of every client it is to match.
  const std::size_t longest = topic ? limits::max_topic_bytes : limits::max_name_bytes;
  if (target.size() > longest) {
    return fail(errc::too_large,
                std::string(to_string(op)) + " target longer than " + std::to_string(longest) + " bytes");
  }
  if (receiver.size() > limits::max_name_bytes) return fail(errc::too_large, "receiver name too long");
  if (!wire::valid_name(target) || !wire::valid_name(receiver)) {
    return fail(errc::data, std::string(to_string(op)) + " target is not UTF-8 text without NUL");
  }
  if (wire::topic_problem(target) != nullptr) {
    return fail(errc::too_large, std::string(to_string(op)) + " target of more than " +
                                     std::to_string(limits::max_topic_segments) + " segments");
  }
  return {};
}

std::unexpected<Error> body_too_large(std::size_t bytes, std::uint32_t max_bytes) {
  return fail(errc::too_large,
              "frame body of " + std::to_string(bytes) + " bytes, the limit is " + std::to_string(max_bytes));
}

Result<base::ByteBuffer> encode_request(Op op, QoS qos, std::string_view target, std::string_view receiver,
                                        std::span<const std::byte> prefix, std::span<const std::byte> payload,
                                        std::uint32_t max_body_bytes) {
  if (auto checked = check_target(op, target, receiver); !checked) return std::unexpected(checked.error());
  const std::size_t body = wire::request_body_bytes(op, target, receiver, prefix.size() + payload.size());
  if (auto checked = check_body(body, max_body_bytes); !checked) return std::unexpected(checked.error());
  base::ByteBuffer frame(wire::request_header_bytes + body);
  wire::append_request(frame, 0, op, qos, target, receiver, prefix, payload);
  return frame;
}

Result<base::ByteBuffer> encode_topic_request(Op op, const std::vector<std::string>& patterns,
                                              std::uint32_t max_body_bytes) {
  std::vector<std::string_view> views;
  views.reserve(patterns.size());
  for (const std::string& pattern : patterns) {
    if (auto checked = check_pattern(op, pattern); !checked) return std::unexpected(checked.error());
    views.emplace_back(pattern);
  }
  if (views.empty()) return fail(errc::data, std::string(to_string(op)) + " without a topic pattern");
  if (auto checked = check_body(wire::topic_body_bytes(views), max_body_bytes); !checked)
    return std::unexpected(checked.error());
  base::ByteBuffer frame;
  wire::append_topic_request(frame, 0, op, QoS::processed, views);
  return frame;
}

}  // namespace busrt::detail
