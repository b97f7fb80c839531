// msgpack::value_size() over any bytes: it stays inside its input, and what it calls whole msgpuck reads to
// the same end.
#include <msgpuck.h>

#include <cstddef>
#include <cstdint>

#include "busrt/limits.hpp"
#include "fuzz_check.hpp"
#include "msgpack/value_size.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = busrt::fuzz::input_bytes(data, size);
  const auto whole = busrt::msgpack::value_size(input, busrt::limits::max_msgpack_depth);
  if (!whole) return 0;
  busrt::fuzz::check(*whole >= 1 && *whole <= size, "the size lies within the input");
  const char* const begin = reinterpret_cast<const char*>(data);
  const char* at = begin;
  mp_next(&at);
  busrt::fuzz::check(static_cast<std::size_t>(at - begin) == *whole, "msgpuck reads to the same end");
  // Any shorter input is not whole: the size depends on nothing behind it.
  busrt::fuzz::check(!busrt::msgpack::value_size(input.first(*whole - 1), busrt::limits::max_msgpack_depth),
                     "a value cut short is not whole");
  return 0;
}
