// Topic patterns as the argument of one call: `{"news/#", "sport/+"}`, one string, or a vector.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt {

/// Any number of topic patterns. Takes a braced list through a variadic constructor, because g++ 12 rejects
/// an initializer list inside a co_await expression.
class Patterns {
 public:
  Patterns() = default;
  /// Takes a list that the program has made.
  Patterns(std::vector<std::string> patterns) : list_(std::move(patterns)) {}
  /// One pattern or several, as strings or literals.
  template <class... Text>
    requires(sizeof...(Text) > 0 && (std::convertible_to<const Text&, std::string_view> && ...))
  Patterns(const Text&... pattern) {
    list_.reserve(sizeof...(Text));
    (list_.emplace_back(std::string_view(pattern)), ...);
  }

  /// The patterns in the order in which they were given.
  [[nodiscard]] const std::vector<std::string>& list() const noexcept { return list_; }

 private:
  std::vector<std::string> list_;
};

}  // namespace busrt
BUSRT_API_END
