// What the broker announces on its own topics, in MessagePack.
#pragma once

#include <string_view>

#include "busrt/base/byte_buffer.hpp"

namespace busrt::broker {

/// Returns `{s: subject, d: client, t: ns since the epoch}`; without `d` if `client` is empty.
[[nodiscard]] base::ByteBuffer encode_broker_event(std::string_view subject, std::string_view client);

}  // namespace busrt::broker
