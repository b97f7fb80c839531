// MessagePack as BUS/RT uses it for RPC parameters and results, exchanged as Boost.JSON values.
#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <span>
#include <vector>

#include "busrt/error.hpp"
#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt::msgpack {

[[nodiscard]] std::vector<std::byte> encode(const boost::json::value& value);

/// errc::data for anything but exactly one well-formed value nested at most limits::max_msgpack_depth deep.
/// What JSON does not have: binary becomes an array of byte values, an extension `{"type": n, "data":
/// [...]}`, a map key that is no string its JSON text.
[[nodiscard]] Result<boost::json::value> decode(std::span<const std::byte> bytes);

}  // namespace busrt::msgpack
BUSRT_API_END
