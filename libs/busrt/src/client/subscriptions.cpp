#include "client/subscriptions.hpp"

#include <algorithm>
#include <string_view>

#include "wire/codec.hpp"

namespace busrt::detail {

namespace {

/// A body of this many bytes restores some thousands of patterns; more would make one frame hold up the rest.
constexpr std::size_t restore_body_bytes = 64U << 10;

using Patterns = std::set<std::string, std::less<>>;

void append_in_parts(base::ByteBuffer& out, Op op, const Patterns& patterns, std::size_t max_body,
                     OpIds& op_ids, std::vector<std::uint32_t>& ids) {
  std::vector<std::string_view> part;
  std::size_t body = 0;
  const auto flush = [&] {
    if (part.empty()) return;
    ids.push_back(op_ids.next());
    wire::append_topic_request(out, ids.back(), op, QoS::processed, part);
    part.clear();
    body = 0;
  };
  for (const std::string& pattern : patterns) {
    if (body + pattern.size() + 1 > max_body) flush();
    part.emplace_back(pattern);
    body += pattern.size() + 1;
  }
  flush();
}

}  // namespace

void Subscriptions::answered(std::span<const std::byte> frame, errc code) {
  wire::Request request;
  const auto decoded = wire::decode_request(frame, UINT32_MAX, request);
  if (decoded.status != wire::Decoded::Status::complete) return;
  const bool about_topics = request.op == Op::subscribe || request.op == Op::exclude;
  const bool undoes = request.op == Op::unsubscribe || request.op == Op::unexclude;
  if (!about_topics && !undoes) return;
  const bool several = std::ranges::find(request.payload, std::byte{0}) != request.payload.end();
  if (code != errc::ok && (code != errc::access || !several || undoes)) return;
  Patterns& patterns = request.op == Op::subscribe || request.op == Op::unsubscribe ? subscribed_ : excluded_;
  for (wire::TopicList list(request.payload); list.more();) {
    const std::string_view pattern = list.next();
    if (about_topics) {
      patterns.emplace(pattern);
    } else if (const auto found = patterns.find(pattern); found != patterns.end()) {
      patterns.erase(found);
    }
  }
}

void Subscriptions::append_requests(base::ByteBuffer& out, std::size_t max_body, OpIds& op_ids,
                                    std::vector<std::uint32_t>& ids) const {
  const std::size_t most = std::min(max_body, restore_body_bytes);
  append_in_parts(out, Op::exclude, excluded_, most, op_ids, ids);
  append_in_parts(out, Op::subscribe, subscribed_, most, op_ids, ids);
}

}  // namespace busrt::detail
