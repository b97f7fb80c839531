// Members of the broker's answers as the tables show them.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace busrt_cli {

/// A number that is a count; nothing for anything else.
[[nodiscard]] inline std::optional<std::uint64_t> count_in(const boost::json::value& value) {
  if (const auto* count = value.if_uint64()) return *count;
  if (const auto* count = value.if_int64(); count != nullptr && *count >= 0)
    return static_cast<std::uint64_t>(*count);
  return std::nullopt;
}

/// A member as text: numbers as digits, nil and missing as nothing.
[[nodiscard]] inline std::string text_in(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains({key.data(), key.size()});
  if (value == nullptr) return {};
  if (const auto* text = value->if_string()) return {text->data(), text->size()};
  if (const auto* integer = value->if_int64()) return std::to_string(*integer);
  if (const auto* integer = value->if_uint64()) return std::to_string(*integer);
  return {};
}

}  // namespace busrt_cli
