// The broker's own client, `.broker`: what it answers, in MessagePack.
#pragma once

#include <cstddef>
#include <span>

#include "broker/core.hpp"
#include "busrt/base/byte_buffer.hpp"

namespace busrt::broker {

struct CoreAnswer {
  base::ByteBuffer reply;  ///< payload of the reply message; empty where none is due
  bool was_work = false;   ///< it took a walk over all clients, or a regular expression
};

/// Answers an RPC payload sent to `.broker`. No reply is due to notifications, calls with id 0 and bytes that
/// are no RPC frame. Safe for any input and from any shard.
[[nodiscard]] CoreAnswer answer_core_call(const Core& core, std::span<const std::byte> payload);

}  // namespace busrt::broker
