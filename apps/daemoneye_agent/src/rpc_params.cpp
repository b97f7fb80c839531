// JSON text and MessagePack maps cannot be confused: a MessagePack map never begins with white space or a
// brace.
#include "rpc_params.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <string>

#include "busrt/msgpack.hpp"

namespace daemoneye_agent {
namespace {

std::unexpected<busrt::RpcError> bad_params(std::string sentence) {
  return std::unexpected(busrt::RpcError{busrt::rpc_code::invalid_params, std::move(sentence)});
}

}  // namespace

std::expected<RpcEncoding, busrt::RpcError> expect_no_params(std::span<const std::byte> params) {
  if (params.empty()) return RpcEncoding::json;
  const std::string_view text = busrt::as_text(params);
  const bool looks_json = text.find_first_of("{ \t\r\n") == 0;
  boost::json::value value;
  if (looks_json) {
    boost::system::error_code failed;
    value = boost::json::parse(text, failed);
    if (failed)
      return bad_params("params: expected a JSON object, found text that is no JSON: " + failed.message());
  } else {
    auto decoded = busrt::msgpack::decode(params);
    if (!decoded)
      return bad_params("params: expected a JSON object or a MessagePack map: " + decoded.error().describe());
    value = std::move(*decoded);
  }
  if (value.is_null()) return looks_json ? RpcEncoding::json : RpcEncoding::messagepack;
  const auto* object = value.if_object();
  if (object == nullptr) return bad_params("params: expected an object without fields");
  if (!object->empty()) {
    const std::string_view key = object->begin()->key();
    return bad_params(std::string(key) + ": unknown field; this method takes none");
  }
  return looks_json ? RpcEncoding::json : RpcEncoding::messagepack;
}

busrt::RpcResult encode_result(const boost::json::object& result, RpcEncoding encoding) {
  if (encoding == RpcEncoding::messagepack) return busrt::msgpack::encode(result);
  return busrt::to_bytes(boost::json::serialize(result));
}

}  // namespace daemoneye_agent
