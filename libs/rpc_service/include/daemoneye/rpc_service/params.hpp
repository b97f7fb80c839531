// Parameters of an RPC call, in either encoding of the bus, and the answer in the same one.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "busrt/rpc.hpp"

namespace daemoneye::rpc_service {

enum class Encoding : std::uint8_t { json, msgpack };

/// The encoding that a payload is in, for an answer to something that may not even be well formed.
[[nodiscard]] Encoding encoding_of(std::span<const std::byte> payload) noexcept;

/// A JSON object, a MessagePack map, nil, or nothing at all (the last two are `{}`). invalid_params with a
/// sentence for anything else.
[[nodiscard]] std::expected<boost::json::object, busrt::RpcError> decode_params(
    std::span<const std::byte> payload);

[[nodiscard]] std::vector<std::byte> encode_result(const boost::json::object& result, Encoding encoding);

[[nodiscard]] busrt::RpcError invalid_params(std::string message);

}  // namespace daemoneye::rpc_service
