// Errors with which a call ends without a result.
#pragma once

#include <string>

#include "busrt/rpc.hpp"

namespace busrt::detail {

/// Makes the error of a call from an error of the bus. Its code is -32000 - c for a response code c of the
/// protocol. An error that only the client can have counts as io, an error of another category as other.
[[nodiscard]] CallError bus_call_error(const Error& error);
/// Makes the error of a call that the callee has answered with an error.
[[nodiscard]] CallError callee_error(std::int16_t code, std::string message);

}  // namespace busrt::detail
