// Fuzzes the RPC frame decoder: every payload that decodes encodes to the same bytes again.
#include "busrt/base/byte_buffer.hpp"
#include "fuzz_check.hpp"
#include "wire/rpc_frame.hpp"

using namespace busrt;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzz::input_bytes(data, size);
  wire::RpcFrame frame;
  if (!wire::decode_rpc(input, frame)) return 0;
  fuzz::check(fuzz::inside(frame.method, input) && fuzz::inside(frame.payload, input),
              "views lie within the input");

  busrt::base::ByteBuffer again;
  switch (frame.kind) {
    case wire::RpcKind::notification:
      wire::append_rpc_notification_header(again);
      break;
    case wire::RpcKind::request:
      wire::append_rpc_request_header(again, frame.call_id, frame.method);
      break;
    case wire::RpcKind::reply:
      wire::append_rpc_reply_header(again, frame.call_id);
      break;
    case wire::RpcKind::error:
      wire::append_rpc_error_header(again, frame.call_id, frame.error_code);
      break;
  }
  again.append(frame.payload);
  fuzz::check(fuzz::same_bytes(again.data(), input), "what was decoded encodes to the same bytes");
  return 0;
}
