// What every fuzz target needs: a check that stops the fuzzer with the property's own words, and views of its
// input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <span>
#include <string_view>

namespace busrt::fuzz {

/// Ends the process when a property does not hold; libFuzzer then keeps the input.
inline void check(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "property violated: %s\n", property);
  std::abort();
}

inline std::span<const std::byte> input_bytes(const std::uint8_t* data, std::size_t size) {
  return std::as_bytes(std::span(data, size));
}

inline bool same_bytes(std::span<const std::byte> a, std::span<const std::byte> b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

/// True for an empty view, and for one that lies wholly within `input`.
inline bool inside(std::span<const std::byte> view, std::span<const std::byte> input) {
  const std::less_equal<const std::byte*> not_after;
  return view.empty() || (not_after(input.data(), view.data()) &&
                          not_after(view.data() + view.size(), input.data() + input.size()));
}
inline bool inside(std::string_view view, std::span<const std::byte> input) {
  return inside(std::as_bytes(std::span(view)), input);
}

}  // namespace busrt::fuzz
