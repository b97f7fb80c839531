// What a broker does not take: it ends the connection without an answer, and everything beside the culprit is
// cut with it. Whatever was under way on two connections that ended is sent alone, so that the next end is
// its own.
#pragma once

#include "busrt/limits.hpp"

namespace busrt::detail {

/// `cuts`: connections that have ended with the request on its way and unanswered.
[[nodiscard]] constexpr bool goes_alone(unsigned cuts) noexcept {
  return cuts >= limits::cuts_before_alone;
}
/// The last of them with nothing beside it.
[[nodiscard]] constexpr bool cut_too_often(unsigned cuts) noexcept {
  return cuts > limits::cuts_before_alone;
}

}  // namespace busrt::detail
