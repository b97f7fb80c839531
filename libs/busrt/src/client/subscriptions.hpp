// The subscriptions and exclusions that a broker has confirmed. The next connection gets them first.
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
  /// Keeps what an encoded request changed that the broker has answered with `code`. Frames of other
  /// operations are ignored. After errc::access to a request with several patterns, the broker has taken some
  /// of them, and the client cannot know which; it keeps all.
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
