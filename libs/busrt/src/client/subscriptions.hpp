// What a client is subscribed to and has excluded, as far as a broker has confirmed it: what the next
// connection needs first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string>

#include "busrt/error.hpp"

namespace busrt::detail {

/// Not thread-safe.
class Subscriptions {
 public:
  /// Looks at the encoded request that the broker has answered with `code`, and remembers what it changed.
  /// Frames of other operations are passed over. Of a bulk request answered with errc::access the broker has
  /// taken some patterns; it does not say which, so all are kept.
  void answered(std::span<const std::byte> frame, errc code);

  using Patterns = std::set<std::string, std::less<>>;

  [[nodiscard]] const Patterns& subscribed() const noexcept { return subscribed_; }
  [[nodiscard]] const Patterns& excluded() const noexcept { return excluded_; }
  void clear() noexcept {
    subscribed_.clear();
    excluded_.clear();
  }

 private:
  Patterns subscribed_;
  Patterns excluded_;
};

}  // namespace busrt::detail
