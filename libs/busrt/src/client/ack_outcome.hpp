// What an ack means for the operation that waited for it.
#pragma once

#include <cstdint>

#include "busrt/error.hpp"
#include "client/outbox.hpp"

namespace busrt::detail {

/// Returns the result of an operation that the broker acknowledged with `code`.
///
/// A refusal of a frame that was sent over an earlier connection as well becomes errc::io: the ack of the
/// first copy never came, so the frame may have been delivered.
[[nodiscard]] Result<> ack_outcome(const OutboxEntry& entry, std::uint8_t code);

}  // namespace busrt::detail
