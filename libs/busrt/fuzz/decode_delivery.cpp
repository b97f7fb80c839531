// Fuzzes the client's frame decoder with a stream of frames from a broker.
#include "frame_properties.hpp"

using namespace busrt;

namespace {

void encode(const wire::Delivery& delivery, busrt::base::ByteBuffer& out) {
  switch (delivery.kind) {
    case FrameKind::nop:
      wire::append_nop(out);
      return;
    case FrameKind::ack:
      wire::append_ack(out, delivery.ack_op_id, delivery.ack_code);
      return;
    default: {
      const std::size_t prefix = wire::delivery_prefix_bytes(delivery.kind, delivery.sender, delivery.topic);
      std::byte* const start = out.prepare(prefix);
      std::byte* const end = wire::write_delivery_prefix(
          start, delivery.kind, delivery.realtime, delivery.sender, delivery.topic, delivery.payload.size());
      fuzz::check(end == start + prefix, "the prefix is as long as was promised");
      out.commit(prefix);
      out.append(delivery.payload);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rest = fuzz::input_bytes(data, size);
  for (;;) {
    wire::Delivery delivery;
    const wire::Decoded decoded = wire::decode_delivery(rest, fuzz::max_body, delivery);
    fuzz::check_outcome<wire::Delivery>(rest, decoded, wire::delivery_header_bytes, wire::decode_delivery);
    if (decoded.status != wire::Decoded::Status::complete) return 0;

    const auto frame = rest.first(decoded.size);
    fuzz::check(fuzz::inside(delivery.sender, frame) && fuzz::inside(delivery.topic, frame) &&
                    fuzz::inside(delivery.payload, frame),
                "views lie within their own frame");
    // Two freedoms of the format are not kept: what a nop's header holds, and which nonzero byte says
    // realtime.
    std::vector<std::byte> canonical(frame.begin(), frame.end());
    if (delivery.kind == FrameKind::nop) {
      std::ranges::fill(canonical, std::byte{0});
    } else if (delivery.kind != FrameKind::ack && canonical[5] != std::byte{0}) {
      canonical[5] = std::byte{1};
    }
    busrt::base::ByteBuffer again;
    encode(delivery, again);
    fuzz::check(fuzz::same_bytes(again.data(), canonical), "what was decoded encodes to the same bytes");
    rest = rest.subspan(decoded.size);
  }
}
