#include "msgpack/reader.hpp"

#include <msgpuck.h>

#include "busrt/limits.hpp"
#include "msgpack/value_size.hpp"

namespace busrt::msgpack {

std::optional<Reader> Reader::of(std::span<const std::byte> value) noexcept {
  // An empty input is no value: its size would be nothing.
  if (value_size(value, limits::max_msgpack_depth) != value.size()) return std::nullopt;
  return Reader(reinterpret_cast<const char*>(value.data()));
}

std::optional<std::uint32_t> Reader::map() noexcept {
  if (mp_typeof(*at_) != MP_MAP) return std::nullopt;
  return mp_decode_map(&at_);
}

std::optional<std::string_view> Reader::string() noexcept {
  if (mp_typeof(*at_) != MP_STR) return std::nullopt;
  std::uint32_t length = 0;
  const char* const text = mp_decode_str(&at_, &length);
  return std::string_view(text, length);
}

std::optional<std::uint64_t> Reader::unsigned_integer() noexcept {
  if (mp_typeof(*at_) != MP_UINT) return std::nullopt;
  return mp_decode_uint(&at_);
}

bool Reader::nil() noexcept {
  if (mp_typeof(*at_) != MP_NIL) return false;
  mp_decode_nil(&at_);
  return true;
}

void Reader::skip() noexcept {
  mp_next(&at_);
}

}  // namespace busrt::msgpack
