#include "client/ack_outcome.hpp"

#include <string>

#include "busrt/delivery.hpp"

namespace busrt::detail {

namespace {

Result<> result_of(std::uint8_t code) {
  const auto answer = static_cast<errc>(code);
  switch (answer) {
    case errc::ok:
      return {};
    case errc::not_registered:
    case errc::data:
    case errc::io:
    case errc::other:
    case errc::not_supported:
    case errc::busy:
    case errc::not_delivered:
    case errc::timeout:
    case errc::access:
      return fail(answer, "the broker answered with an error");
    default:
      return fail(errc::other, "the broker answered with the unknown code " + std::to_string(code));
  }
}

/// What 0x76 means depends on what was asked for.
bool adds_patterns(Op op) noexcept {
  return op == Op::subscribe || op == Op::exclude;
}

/// Whether the request is one that has receivers.
bool is_data(Op op) noexcept {
  return op == Op::message || op == Op::broadcast || op == Op::publish || op == Op::publish_for;
}

}  // namespace

Result<> ack_outcome(const OutboxEntry& entry, std::uint8_t code) {
  auto answer = result_of(code);
  if (!answer && answer.error().code == errc::busy && adds_patterns(entry.op)) {
    answer.error().message =
        "the client would hold more topic patterns, or more kinds of them, than the broker allows";
  }
  if (answer || !entry.resent || may_have_been_delivered(answer.error().code) || !is_data(entry.op))
    return answer;
  // Refused now, but the frame went out over an earlier connection, whose ack never came.
  return fail(errc::io,
              "sent, and not confirmed before the connection was lost; then: " + answer.error().describe());
}

}  // namespace busrt::detail
