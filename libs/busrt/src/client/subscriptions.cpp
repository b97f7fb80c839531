#include "client/subscriptions.hpp"

#include <algorithm>
#include <string_view>

#include "wire/codec.hpp"

namespace busrt::detail {

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

}  // namespace busrt::detail
