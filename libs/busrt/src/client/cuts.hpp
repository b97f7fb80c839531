// Requests that make a broker close the connection. It does so without an answer, so the client cannot tell
// which of the unacknowledged requests was the cause. A request that was unacknowledged on two connections
// that ended is therefore sent alone on the third.
#pragma once

#include "busrt/limits.hpp"

namespace busrt::detail {

/// Returns true if the request is to be sent alone. `cuts` counts the connections that ended while it was
/// sent and unacknowledged.
[[nodiscard]] constexpr bool goes_alone(unsigned cuts) noexcept {
  return cuts >= limits::cuts_before_alone;
}
/// Returns true if the request is given up: the last of these connections carried nothing else.
[[nodiscard]] constexpr bool cut_too_often(unsigned cuts) noexcept {
  return cuts > limits::cuts_before_alone;
}

}  // namespace busrt::detail
