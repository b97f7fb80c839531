// The properties that both frame decoders share, whatever the frame is.
#pragma once

#include <algorithm>
#include <vector>

#include "fuzz_check.hpp"
#include "wire/codec.hpp"

namespace busrt::fuzz {

/// Small, so that both sides of the limit are reached by small inputs. Bytes.
inline constexpr std::uint32_t max_body = 1024;

/// Checks one outcome of `decode` (wire::decode_request or wire::decode_delivery) on `input`.
template <class Frame, class Decode>
void check_outcome(std::span<const std::byte> input, const wire::Decoded& decoded, std::size_t header_bytes,
                   Decode decode) {
  using Status = wire::Decoded::Status;
  Frame again;
  switch (decoded.status) {
    case Status::need_more:
      check(decoded.size > input.size(), "need_more asks for more than there is");
      check(decoded.size <= header_bytes + max_body, "need_more never asks for more than the limit");
      return;
    case Status::malformed: {
      check(decoded.reason != nullptr, "malformed says why");
      std::vector<std::byte> longer(input.begin(), input.end());
      longer.resize(longer.size() + 32);
      check(decode(longer, max_body, again).status == Status::malformed,
            "more bytes do not mend a malformed frame");
      return;
    }
    case Status::too_large:
      check(decoded.size > header_bytes + max_body, "too_large is over the limit");
      return;
    case Status::complete:
      break;
  }
  check(decoded.size >= header_bytes && decoded.size <= input.size(), "a frame lies within the input");
  const auto frame = input.first(decoded.size);
  check(decode(frame, max_body, again).size == decoded.size, "a frame is complete without what follows it");
  for (const std::size_t cut : {std::size_t{0}, header_bytes - 1, decoded.size / 2, decoded.size - 1}) {
    const auto prefix = frame.first(std::min(cut, decoded.size - 1));
    check(decode(prefix, max_body, again).status == Status::need_more, "a prefix of a good frame needs more");
  }
}

}  // namespace busrt::fuzz
