// Checks and encodes requests before they enter the send path. Plain functions: no lock, no state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/base/byte_buffer.hpp"
#include "busrt/error.hpp"
#include "busrt/protocol.hpp"

namespace busrt::detail {

/// Checks a target and a receiver. It refuses what a broker refuses, or closes the connection for.
///
/// Errors: errc::too_large (too long, or too many segments), errc::data (no UTF-8 text, or a NUL).
[[nodiscard]] Result<> check_target(Op op, std::string_view target, std::string_view receiver);

/// The error of a body over the limit.
[[nodiscard]] std::unexpected<Error> body_too_large(std::size_t bytes, std::uint32_t max_bytes);

/// Checks the size of a request's body. Errors: errc::too_large.
[[nodiscard]] inline Result<> check_body(std::size_t bytes, std::uint32_t max_bytes) {
  if (bytes <= max_bytes) [[likely]]
    return {};
  return body_too_large(bytes, max_bytes);
}

/// Encodes a request with op id zero and a payload of two parts. Errors: as check_target() and check_body().
[[nodiscard]] Result<base::ByteBuffer> encode_request(Op op, QoS qos, std::string_view target,
                                                      std::string_view receiver,
                                                      std::span<const std::byte> prefix,
                                                      std::span<const std::byte> payload,
                                                      std::uint32_t max_body_bytes);

/// Encodes a request about topic patterns with op id zero.
///
/// Errors: errc::data (no pattern, an empty one, or no UTF-8 text), errc::too_large.
[[nodiscard]] Result<base::ByteBuffer> encode_topic_request(Op op, const std::vector<std::string>& patterns,
                                                            std::uint32_t max_body_bytes);

}  // namespace busrt::detail
