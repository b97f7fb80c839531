// A check, at compile time, that a count that sizes arrays covers every value of its enum.
#pragma once

#include <cstddef>
#include <string_view>

namespace busrt::broker {

/// True if the values from 0 to `count` - 1 have a word, and the value `count` has none.
///
/// `word_for` is a switch over all values that returns an empty text for others. The compiler reports a value
/// without a case. A value with a case that `count` does not cover makes this function false.
template <class Enum, std::size_t count, class WordFor>
[[nodiscard]] consteval bool counts_all(WordFor word_for) {
  for (std::size_t value = 0; value < count; ++value) {
    if (word_for(static_cast<Enum>(value)).empty()) return false;
  }
  return word_for(static_cast<Enum>(count)).empty();
}

}  // namespace busrt::broker
