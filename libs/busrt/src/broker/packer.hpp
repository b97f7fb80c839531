// MessagePack for the broker's own answers and announcements.
#pragma once

#include <msgpuck.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "busrt/base/byte_buffer.hpp"

namespace busrt::broker {

/// Writes MessagePack into a ByteBuffer. Each value is preceded by a prepare() of its largest size.
class Packer {
 public:
  explicit Packer(base::ByteBuffer& out) : out_(out) {}
  void map(std::uint32_t size) {
    write(5, [size](char* at) { return mp_encode_map(at, size); });
  }
  void array(std::uint32_t size) {
    write(5, [size](char* at) { return mp_encode_array(at, size); });
  }
  void string(std::string_view text) {
    // An empty view may point nowhere, which memcpy must not be given.
    const char* const characters = text.empty() ? "" : text.data();
    write(5 + text.size(), [characters, text](char* at) {
      return mp_encode_str(at, characters, static_cast<std::uint32_t>(text.size()));
    });
  }
  void integer(std::uint64_t value) {
    write(9, [value](char* at) { return mp_encode_uint(at, value); });
  }
  void signed_integer(std::int64_t value) {
    if (value >= 0) return integer(static_cast<std::uint64_t>(value));
    write(9, [value](char* at) { return mp_encode_int(at, value); });
  }
  void number(double value) {
    write(9, [value](char* at) { return mp_encode_double(at, value); });
  }
  void boolean(bool value) {
    write(1, [value](char* at) { return mp_encode_bool(at, value); });
  }
  void nil() {
    write(1, [](char* at) { return mp_encode_nil(at); });
  }
  void optional(const std::optional<std::string>& text) {
    if (text) {
      string(*text);
    } else {
      nil();
    }
  }
  void field(std::string_view key, std::uint64_t value) {
    string(key);
    integer(value);
  }

  template <class Integer>
  void optional_field(std::string_view key, std::optional<Integer> value) {
    string(key);
    if (value) {
      integer(static_cast<std::uint64_t>(*value));
    } else {
      nil();
    }
  }

 private:
  template <class Encode>
  void write(std::size_t most, Encode encode) {
    char* at = reinterpret_cast<char*>(out_.prepare(most));
    out_.commit(static_cast<std::size_t>(encode(at) - at));
  }
  base::ByteBuffer& out_;
};

}  // namespace busrt::broker
