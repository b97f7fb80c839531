// Fuzzes the lines of fifos: what is taken becomes exactly one whole frame that the broker's decoder takes
// too, with params that are one well-formed MessagePack map; what is refused leaves nothing behind.
#include "broker/fifo_line.hpp"

#include <string_view>

#include "busrt/base/byte_buffer.hpp"
#include "busrt/limits.hpp"
#include "fuzz_check.hpp"
#include "msgpack/value_size.hpp"
#include "wire/codec.hpp"
#include "wire/rpc_frame.hpp"

using namespace busrt;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  if (line.find('\n') != std::string_view::npos) return 0;
  busrt::base::ByteBuffer frames;
  if (!broker::append_fifo_line(frames, line)) {
    fuzz::check(frames.empty(), "a refused line leaves nothing");
    return 0;
  }
  fuzz::check(frames.size() <= line.size() * 3 + 32, "a frame is at most three times its line, and some");
  wire::Request request;
  const auto decoded = wire::decode_request(frames.data(), limits::max_body_bytes, request);
  fuzz::check(decoded.status == wire::Decoded::Status::complete && decoded.size == frames.size(),
              "one whole frame");
  fuzz::check(!request.target.empty(), "a frame has a target");
  wire::RpcFrame call;
  const bool calls = line.find(" :") == line.find(' ') && !line.starts_with('=') &&
                     request.op == Op::message && wire::decode_rpc(request.payload, call) &&
                     call.kind == wire::RpcKind::request;
  if (calls && !call.payload.empty()) {
    fuzz::check(msgpack::value_size(call.payload, limits::max_msgpack_depth) == call.payload.size(),
                "params are one MessagePack value");
  }
  return 0;
}
