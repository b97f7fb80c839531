// MessagePack, the format in which BUS/RT encodes RPC params and results, to and from Boost.JSON values.
#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <span>
#include <vector>

#include "busrt/error.hpp"
#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt::msgpack {

/// Encodes a JSON value as MessagePack. Returns the bytes.
[[nodiscard]] std::vector<std::byte> encode(const boost::json::value& value);

/// Decodes one MessagePack value.
///
/// Returns a JSON value. Three kinds have no counterpart in JSON: binary data becomes an array of byte
/// values, an extension becomes `{"type": n, "data": [...]}`, and a map key that is not a string becomes its
/// JSON text.
///
/// Errors: errc::data if the input is not exactly one well-formed value, or is nested deeper than
/// limits::max_msgpack_depth.
[[nodiscard]] Result<boost::json::value> decode(std::span<const std::byte> bytes);

}  // namespace busrt::msgpack
BUSRT_API_END
