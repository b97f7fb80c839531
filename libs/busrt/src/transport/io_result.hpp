// What a non-blocking read or write came to.
#pragma once

#include <cstddef>
#include <cstdint>

namespace busrt::transport {

struct IoResult {
  enum class Status : std::uint8_t { ok, would_block, closed, failed };
  Status status = Status::ok;
  std::size_t bytes = 0;
  int error = 0;  ///< failed: errno, or 0 where Stream::failure() says why
};

}  // namespace busrt::transport
