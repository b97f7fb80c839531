// Topic patterns as one argument: a braced list `{"news/#", "sport/+"}`, one string, or a vector.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt {

/// A list of topic patterns. It takes a braced list by a variadic constructor, because g++ 12 rejects an
/// initializer list in a co_await expression.
class Patterns {
 public:
  Patterns() = default;
  /// Takes a vector of patterns.
  Patterns(std::vector<std::string> patterns) : list_(std::move(patterns)) {}
  /// Takes one pattern or several, as strings or literals.
  template <class... Text>
    requires(sizeof...(Text) > 0 && (std::convertible_to<const Text&, std::string_view> && ...))
  Patterns(const Text&... pattern) {
    list_.reserve(sizeof...(Text));
    (list_.emplace_back(std::string_view(pattern)), ...);
  }

  /// Returns the patterns in the order in which they were given.
  [[nodiscard]] const std::vector<std::string>& list() const noexcept { return list_; }

 private:
  std::vector<std::string> list_;
};

}  // namespace busrt
BUSRT_API_END
