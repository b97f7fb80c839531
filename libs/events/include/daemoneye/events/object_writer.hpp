// Writes a JSON object field by field into a string: the data of an event, without a tree of values in
// memory.
//
//   std::string data;
//   ObjectWriter writer(data);
//   writer.put(process::ppid, 1);
//   auto identity = writer.object(process::identity);
//   identity.put(process::pid, 42);
//   identity.end();
//   writer.end();           // {"ppid":1,"process":{"pid":42}}
//
// Text is escaped as JSON asks for it, and each byte that is not UTF-8 becomes U+FFFD.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>

#include "daemoneye/events/field.hpp"

namespace daemoneye::events {

/// Appends the text as a JSON string, with its quotes. Each byte that is not UTF-8 becomes U+FFFD.
void append_json_text(std::string& out, std::string_view text);

/// Appends one JSON object to a string. The writer of a nested object is used, and ended, before the outer
/// one goes on. Nothing checks that a field is written once.
///
/// Thread safety: none. The string outlives the writer and stays untouched by others until end().
class ObjectWriter {
 public:
  /// Begins the object.
  explicit ObjectWriter(std::string& out) : out_(&out) { out += '{'; }
  /// Ends the object. Nothing can be written afterwards.
  void end() { *out_ += '}'; }

  void put(const Field& field, std::nullptr_t) { key(field) += "null"; }
  void put(const Field& field, bool value) { key(field) += value ? "true" : "false"; }
  template <std::integral Integer>
    requires(!std::same_as<Integer, bool> && !std::same_as<Integer, char>)
  void put(const Field& field, Integer value) {
    if constexpr (std::is_signed_v<Integer>) {
      append_signed(key(field), value);
    } else {
      append_unsigned(key(field), value);
    }
  }
  /// A number that JSON has not (an infinity, no number) is written as null.
  void put(const Field& field, double value) { append_real(key(field), value); }
  /// RFC 3339 in UTC with nine digits of fraction.
  void put(const Field& field, std::chrono::system_clock::time_point value);
  /// Text of one JSON value, which is taken as it is.
  void put_json(const Field& field, std::string_view value) { key(field) += value; }
  void put(const Field& field, std::string_view value) { append_json_text(key(field), value); }
  void put(const Field& field, const char* value) { put(field, std::string_view(value)); }
  void put(const Field& field, const std::string& value) { put(field, std::string_view(value)); }
  /// Null when there is no value.
  template <class Value>
  void put(const Field& field, const std::optional<Value>& value) {
    if (value) {
      put(field, *value);
    } else {
      put(field, nullptr);
    }
  }
  /// An array of text.
  template <std::ranges::input_range List>
    requires(!std::convertible_to<List, std::string_view> &&
             std::convertible_to<std::ranges::range_reference_t<List>, std::string_view>)
  void put(const Field& field, const List& list) {
    std::string& out = key(field);
    out += '[';
    bool first = true;
    for (const std::string_view text : list) {
      if (!first) out += ',';
      first = false;
      append_json_text(out, text);
    }
    out += ']';
  }
  /// Begins a nested object. This writer goes on after the nested one has ended.
  [[nodiscard]] ObjectWriter object(const Field& field) { return ObjectWriter(key(field)); }

 private:
  /// Writes the field's name; the value comes next. Names of the schema are words, and need no escapes.
  std::string& key(const Field& field);
  static void append_signed(std::string& out, std::int64_t value);
  static void append_unsigned(std::string& out, std::uint64_t value);
  static void append_real(std::string& out, double value);

  std::string* out_;
  bool empty_ = true;
};

}  // namespace daemoneye::events
