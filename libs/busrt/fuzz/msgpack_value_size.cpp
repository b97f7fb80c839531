// msgpack_value_size() over any bytes: it stays inside its input, and what it calls whole msgpuck reads to the same end.
#include <msgpuck.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "busrt/limits.hpp"
#include "fuzz_check.hpp"
#include "wire/msgpack_check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> input(reinterpret_cast<const std::byte*>(data), size);
  const auto whole = busrt::wire::msgpack_value_size(input, busrt::limits::max_msgpack_depth);
  if (!whole) return 0;
  FUZZ_CHECK(*whole >= 1 && *whole <= size);
  const char* const begin = reinterpret_cast<const char*>(data);
  const char* at = begin;
  mp_next(&at);
  FUZZ_CHECK(static_cast<std::size_t>(at - begin) == *whole);
  // Any shorter input is not whole: the size depends on nothing behind it.
  FUZZ_CHECK(!busrt::wire::msgpack_value_size(input.first(*whole - 1), busrt::limits::max_msgpack_depth));
  return 0;
}
