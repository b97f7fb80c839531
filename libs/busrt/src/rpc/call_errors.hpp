// How a call ends without a result.
#pragma once

#include <string>

#include "busrt/rpc.hpp"

namespace busrt::detail {

/// A bus error as a call's end: -32000 - c for a response code c of the protocol. What only this side can
/// know counts as io, and anything that is no error of the bus as other.
[[nodiscard]] CallError bus_call_error(const Error& error);
[[nodiscard]] CallError callee_error(std::int16_t code, std::string message);

}  // namespace busrt::detail
