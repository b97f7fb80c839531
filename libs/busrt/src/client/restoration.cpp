#include "client/restoration.hpp"

#include <algorithm>
#include <string_view>

#include "client/cuts.hpp"
#include "wire/codec.hpp"

namespace busrt::detail {

namespace {

/// A body of this many bytes restores some thousands of patterns; more would make one frame hold up the rest.
constexpr std::size_t restore_body_bytes = 64U << 10;

}  // namespace

void Restoration::begin(const Subscriptions& all, std::size_t max_body, base::ByteBuffer& out,
                        OpIds& op_ids) {
  unanswered_.clear();
  one_by_one_.clear();
  if (!goes_alone(ended_)) {
    const std::size_t most = std::min(max_body, restore_body_bytes);
    begin_in_bulk(Op::exclude, all.excluded(), most, out, op_ids);
    begin_in_bulk(Op::subscribe, all.subscribed(), most, out, op_ids);
  } else {
    begin_one_by_one(Op::exclude, all.excluded());
    begin_one_by_one(Op::subscribe, all.subscribed());
    std::ranges::reverse(one_by_one_);
    send_next(out, op_ids);
  }
}

void Restoration::begin_in_bulk(Op op, const Subscriptions::Patterns& patterns, std::size_t max_body,
                                base::ByteBuffer& out, OpIds& op_ids) {
  std::vector<std::string_view> part;
  std::size_t body = 0;
  const auto send = [&] {
    if (part.empty()) return;
    unanswered_.push_back(op_ids.next());
    wire::append_topic_request(out, unanswered_.back(), op, QoS::processed, part);
    part.clear();
    body = 0;
  };
  for (const std::string& pattern : patterns) {
    if (body + pattern.size() > max_body) send();
    part.emplace_back(pattern);
    body += pattern.size() + 1;
  }
  send();
}

void Restoration::begin_one_by_one(Op op, const Subscriptions::Patterns& patterns) {
  for (const std::string& pattern : patterns) {
    const auto suspect = alone_.find({op, pattern});
    if (suspect == alone_.end() || !cut_too_often(suspect->second)) one_by_one_.emplace_back(op, pattern);
  }
}

void Restoration::send_next(base::ByteBuffer& out, OpIds& op_ids) {
  if (one_by_one_.empty()) return;
  const auto& [op, pattern] = one_by_one_.back();
  const std::string_view view = pattern;
  unanswered_.push_back(op_ids.next());
  wire::append_topic_request(out, unanswered_.back(), op, QoS::processed, {&view, 1});
}

bool Restoration::answered(std::uint32_t op_id, base::ByteBuffer& out, OpIds& op_ids) {
  const auto found = std::ranges::find(unanswered_, op_id);
  if (found == unanswered_.end()) return false;
  unanswered_.erase(found);
  if (!one_by_one_.empty()) {
    one_by_one_.pop_back();
    send_next(out, op_ids);
  }
  return true;
}

std::optional<std::string> Restoration::connection_ended() {
  ++ended_;
  if (one_by_one_.empty()) return std::nullopt;
  const Request& under_way = one_by_one_.back();
  if (!cut_too_often(++alone_[under_way])) return std::nullopt;
  return under_way.second;
}

void Restoration::finish() {
  unanswered_.clear();
  one_by_one_.clear();
  alone_.clear();
  ended_ = 0;
}

}  // namespace busrt::detail
