// Params and results of the agent's own RPC methods: JSON, or MessagePack for callers that speak it.
#pragma once

#include <boost/json/object.hpp>
#include <span>

#include "busrt/rpc.hpp"

namespace daemoneye_agent {

/// How a caller wrote its params, and so how it gets its result.
enum class RpcEncoding : std::uint8_t { json, messagepack };

/// Checks the params of a method that takes none: nothing at all, or an empty object in either encoding.
/// Anything else is invalid_params with a sentence that names the field.
[[nodiscard]] std::expected<RpcEncoding, busrt::RpcError> expect_no_params(std::span<const std::byte> params);

[[nodiscard]] busrt::RpcResult encode_result(const boost::json::object& result, RpcEncoding encoding);

}  // namespace daemoneye_agent
