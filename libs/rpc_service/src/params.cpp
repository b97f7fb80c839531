// Parameters of RPC calls.

#include "daemoneye/rpc_service/params.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "busrt/msgpack.hpp"

namespace daemoneye::rpc_service {

namespace json = boost::json;

namespace {

/// MessagePack's positive integers are unsigned, JSON's are not: a source must not have to know which one it
/// was. Depth is bounded by limits::max_msgpack_depth.
void sign_integers(json::value& value) {
  if (value.is_uint64() && std::in_range<std::int64_t>(value.get_uint64())) {
    value = static_cast<std::int64_t>(value.get_uint64());
  } else if (auto* const object = value.if_object(); object != nullptr) {
    for (auto& [key, member] : *object) sign_integers(member);
  } else if (auto* const array = value.if_array(); array != nullptr) {
    for (auto& element : *array) sign_integers(element);
  }
}

}  // namespace

Encoding encoding_of(std::span<const std::byte> payload) noexcept {
  if (payload.empty()) return Encoding::json;
  const auto first = std::to_integer<unsigned>(payload.front());
  const bool map = (first >= 0x80 && first <= 0x8F) || first == 0xDE || first == 0xDF;
  const bool nil = first == 0xC0;
  return map || nil ? Encoding::msgpack : Encoding::json;
}

std::expected<json::object, busrt::RpcError> decode_params(std::span<const std::byte> payload) {
  if (payload.empty()) return json::object();
  json::value value;
  if (encoding_of(payload) == Encoding::msgpack) {
    auto decoded = busrt::msgpack::decode(payload);
    if (!decoded) {
      return std::unexpected(
          invalid_params("params: no well-formed MessagePack: " + decoded.error().describe()));
    }
    value = std::move(*decoded);
    sign_integers(value);
  } else {
    boost::system::error_code error;
    value = json::parse(busrt::as_text(payload), error);
    if (error) {
      return std::unexpected(
          invalid_params("params: neither a JSON object nor a MessagePack map: " + error.message()));
    }
  }
  if (value.is_null()) return json::object();
  if (!value.is_object()) {
    return std::unexpected(invalid_params("params: expected a JSON object or a MessagePack map"));
  }
  return std::move(value.get_object());
}

std::vector<std::byte> encode_result(const json::object& result, Encoding encoding) {
  if (encoding == Encoding::msgpack) return busrt::msgpack::encode(result);
  return busrt::to_bytes(json::serialize(result));
}

busrt::RpcError invalid_params(std::string message) {
  return {busrt::rpc_code::invalid_params, std::move(message)};
}

}  // namespace daemoneye::rpc_service
