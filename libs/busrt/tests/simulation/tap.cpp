#include "tap.hpp"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

#include "payload.hpp"
#include "wire/codec.hpp"

namespace busrt::simulation {

namespace {
constexpr std::size_t greeting_bytes = 3;
/// The broker's greeting, and its two answers.
constexpr std::size_t answers_bytes = greeting_bytes + 2;
constexpr std::uint32_t any_body = UINT32_MAX;
}  // namespace

void Tap::feed(std::span<const std::byte> bytes) {
  fed_ += bytes.size();
  pending_.append(bytes);
  if (!greeted_) greet();
  if (!greeted_) return;
  if (direction_ == Direction::requests) {
    read_requests();
  } else {
    read_deliveries();
  }
}

void Tap::greet() {
  const auto bytes = std::as_const(pending_).data();
  std::size_t size = answers_bytes;
  if (direction_ == Direction::requests) {
    if (bytes.size() < greeting_bytes + 2) return;
    size = greeting_bytes + 2 + std::to_integer<std::size_t>(bytes[greeting_bytes]) +
           (std::to_integer<std::size_t>(bytes[greeting_bytes + 1]) << 8U);
  }
  if (bytes.size() < size) return;
  take(size);
  greeted_ = true;
}

void Tap::read_requests() {
  wire::Request request;
  for (;;) {
    const auto decoded = wire::decode_request(std::as_const(pending_).data(), any_body, request);
    if (decoded.status != wire::Decoded::Status::complete) return;
    const bool data = request.op == Op::publish || request.op == Op::publish_for ||
                      request.op == Op::message || request.op == Op::broadcast;
    if (request.op != Op::nop) {
      frames_.push_back({position_, position_ + decoded.size, data ? number_in(request.payload) : 0,
                         wants_ack(request.qos), 0, data});
    }
    take(decoded.size);
  }
}

void Tap::read_deliveries() {
  wire::Delivery delivery;
  for (;;) {
    const auto decoded = wire::decode_delivery(std::as_const(pending_).data(), any_body, delivery);
    if (decoded.status != wire::Decoded::Status::complete) return;
    const bool data = delivery.kind != FrameKind::nop && delivery.kind != FrameKind::ack;
    if (delivery.kind != FrameKind::nop) {
      const bool ours = data && delivery.sender != broker_name;
      frames_.push_back({position_, position_ + decoded.size, ours ? number_in(delivery.payload) : 0, false,
                         std::hash<std::string_view>{}(delivery.sender), data});
    }
    take(decoded.size);
  }
}

std::span<const SeenFrame> Tap::within(std::uint64_t bytes) const {
  const auto end = std::ranges::upper_bound(frames_, bytes, {}, &SeenFrame::end);
  return std::span(frames_).first(static_cast<std::size_t>(end - frames_.begin()));
}

}  // namespace busrt::simulation
