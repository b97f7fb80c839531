// The capabilities of Linux that this process holds, by name: capabilities(7).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "busrt/base/result.hpp"

namespace daemoneye::host {

/// Returns the number of a capability, such as 12 for "CAP_NET_ADMIN"; empty for a name that Linux 6.1 does
/// not have.
[[nodiscard]] std::optional<unsigned> capability_number(std::string_view name) noexcept;

/// A set of capabilities.
class Capabilities {
 public:
  explicit Capabilities(std::uint64_t bits = 0) noexcept : bits_(bits) {}
  /// Returns whether the set holds the capability of this name.
  [[nodiscard]] bool holds(std::string_view name) const noexcept;
  friend bool operator==(const Capabilities&, const Capabilities&) = default;

 private:
  std::uint64_t bits_;
};

/// Returns the effective set that the text of a /proc/PID/status tells; empty when it tells none.
[[nodiscard]] std::optional<Capabilities> parse_effective(std::string_view status) noexcept;

/// Returns the capabilities that the calling thread uses now. A program may drop them later.
/// Errors: /proc cannot be read.
[[nodiscard]] busrt::base::Result<Capabilities> effective_capabilities();

}  // namespace daemoneye::host
