// Where a transport says how much memory it holds for a peer.
#pragma once

#include <cstdint>

namespace busrt::transport {

/// Thread-safe. Everything that is added is subtracted again.
class MemoryMeter {
 public:
  virtual ~MemoryMeter() = default;
  virtual void add(std::uint64_t bytes) noexcept = 0;
  virtual void subtract(std::uint64_t bytes) noexcept = 0;
};

}  // namespace busrt::transport
