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
  Patterns(std::vector<std::string> patterns) : list_(std::move(patterns)) {}
  template <class... Text>
    requires(sizeof...(Text) > 0 && (std::convertible_to<const Text&, std::string_view> && ...))
  Patterns(const Text&... pattern) {
    list_.reserve(sizeof...(Text));
    (list_.emplace_back(std::string_view(pattern)), ...);
  }

  [[nodiscard]] const std::vector<std::string>& list() const noexcept { return list_; }

 private:
  std::vector<std::string> list_;
};

}  // namespace busrt
BUSRT_API_END
