// Fuzzes the broker's frame decoder with a stream of frames from a client.
#include "frame_properties.hpp"

using namespace busrt;

namespace {

void encode(const wire::Request& request, busrt::base::ByteBuffer& out) {
  switch (request.op) {
    case Op::subscribe:
    case Op::unsubscribe:
    case Op::exclude:
    case Op::unexclude: {
      std::vector<std::string_view> topics;
      for (wire::TopicList list(request.payload); list.more();) topics.push_back(list.next());
      wire::append_topic_request(out, request.op_id, request.op, request.qos, topics);
      return;
    }
    default:
      wire::append_request(out, request.op_id, request.op, request.qos, request.target, request.receiver, {},
                           request.payload);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rest = fuzz::input_bytes(data, size);
  for (;;) {
    wire::Request request;
    const wire::Decoded decoded = wire::decode_request(rest, fuzz::max_body, request);
    fuzz::check_outcome<wire::Request>(rest, decoded, wire::request_header_bytes, wire::decode_request);
    if (decoded.status != wire::Decoded::Status::complete) return 0;

    const auto frame = rest.first(decoded.size);
    fuzz::check(fuzz::inside(request.target, frame) && fuzz::inside(request.receiver, frame) &&
                    fuzz::inside(request.payload, frame),
                "views lie within their own frame");
    if (request.op == Op::nop) {
      fuzz::check(decoded.size == wire::request_header_bytes, "a ping is its header alone");
    } else {
      busrt::base::ByteBuffer again;
      encode(request, again);
      fuzz::check(fuzz::same_bytes(again.data(), frame), "what was decoded encodes to the same bytes");
    }
    rest = rest.subspan(decoded.size);
  }
}
