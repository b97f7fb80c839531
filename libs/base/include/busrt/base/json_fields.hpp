// Reads fields of a JSON object whose sender is not trusted: a field of another type counts as absent.
//
// For answers and records that may come from another version of a program. Code that must report a wrong type
// (the decoder of events, the schemas of RPC methods) checks types itself. Thread safety: any thread.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace busrt::base {

/// Returns the value if it is an integer from 0 up. The number 5.0 is no integer.
[[nodiscard]] inline std::optional<std::uint64_t> json_count(const boost::json::value& value) noexcept {
  if (const auto* count = value.if_uint64()) return *count;
  const auto* count = value.if_int64();
  if (count == nullptr || *count < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*count);
}

/// Returns the field, or null if it is absent or JSON's null.
[[nodiscard]] inline const boost::json::value* field_at(const boost::json::object& object,
                                                        std::string_view key) noexcept {
  const boost::json::value* const found = object.if_contains({key.data(), key.size()});
  return found == nullptr || found->is_null() ? nullptr : found;
}

/// Returns the field if it is an integer from 0 up.
[[nodiscard]] inline std::optional<std::uint64_t> count_at(const boost::json::object& object,
                                                           std::string_view key) noexcept {
  const auto* const found = field_at(object, key);
  return found == nullptr ? std::nullopt : json_count(*found);
}

/// Returns the field if it is an integer from 0 up, else 0.
[[nodiscard]] inline std::uint64_t number_at(const boost::json::object& object,
                                             std::string_view key) noexcept {
  return count_at(object, key).value_or(0);
}

/// Returns the field if it is a string, else an empty text. The text lives as long as the object is
/// unchanged.
[[nodiscard]] inline std::string_view string_at(const boost::json::object& object,
                                                std::string_view key) noexcept {
  const auto* const found = field_at(object, key);
  const auto* const text = found == nullptr ? nullptr : found->if_string();
  return text == nullptr ? std::string_view() : std::string_view(text->data(), text->size());
}

/// Returns a string as it is, an integer as its digits, and an empty text for every other field.
[[nodiscard]] inline std::string text_at(const boost::json::object& object, std::string_view key) {
  const auto* const found = field_at(object, key);
  if (found == nullptr) return {};
  if (const auto* integer = found->if_int64()) return std::to_string(*integer);
  if (const auto* integer = found->if_uint64()) return std::to_string(*integer);
  return std::string(string_at(object, key));
}

/// Returns whether the field is `true`.
[[nodiscard]] inline bool true_at(const boost::json::object& object, std::string_view key) noexcept {
  const auto* const found = field_at(object, key);
  const auto* const flag = found == nullptr ? nullptr : found->if_bool();
  return flag != nullptr && *flag;
}

/// Returns the field if it is an object, else an empty object.
[[nodiscard]] inline const boost::json::object& object_at(const boost::json::object& object,
                                                          std::string_view key) {
  static const boost::json::object empty;
  const auto* const found = field_at(object, key);
  const auto* const inner = found == nullptr ? nullptr : found->if_object();
  return inner == nullptr ? empty : *inner;
}

/// Returns the field if it is an array, else an empty array.
[[nodiscard]] inline const boost::json::array& array_at(const boost::json::object& object,
                                                        std::string_view key) {
  static const boost::json::array empty;
  const auto* const found = field_at(object, key);
  const auto* const inner = found == nullptr ? nullptr : found->if_array();
  return inner == nullptr ? empty : *inner;
}

}  // namespace busrt::base
