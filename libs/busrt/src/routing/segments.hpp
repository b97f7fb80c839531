// Cutting topics, patterns and masks into segments, one rule for all of routing: every separator cuts, so
// empty segments count, and even the empty string is one (empty) segment.
#pragma once

#include <string_view>

#include "routing/pattern.hpp"

namespace busrt::routing {

/// The three characters of a notation. A wildcard is one only where it is a whole segment.
struct Alphabet {
  char separator;
  char one;   ///< exactly one segment
  char rest;  ///< the rest, one segment or more; what follows it in a pattern is ignored

  [[nodiscard]] constexpr bool is_one(std::string_view segment) const noexcept {
    return segment.size() == 1 && segment[0] == one;
  }
  [[nodiscard]] constexpr bool is_rest(std::string_view segment) const noexcept {
    return segment.size() == 1 && segment[0] == rest;
  }
};

inline constexpr Alphabet path_alphabet{'/', '+', '#'};
inline constexpr Alphabet dotted_alphabet{'.', '?', '*'};

[[nodiscard]] constexpr const Alphabet& alphabet_of(Notation notation) noexcept {
  return notation == Notation::dotted ? dotted_alphabet : path_alphabet;
}

/// Hands out the segments of a text from left to right. The text must outlive the reader.
class SegmentReader {
 public:
  constexpr SegmentReader(std::string_view text, char separator) noexcept
      : rest_(text), separator_(separator) {}

  /// True until the last segment was taken.
  [[nodiscard]] constexpr bool more() const noexcept { return more_; }

  /// The next segment; call it only while more().
  [[nodiscard]] constexpr std::string_view next() noexcept {
    const std::size_t end = rest_.find(separator_);
    const std::string_view segment = rest_.substr(0, end);
    if (end == std::string_view::npos) {
      more_ = false;
    } else {
      rest_.remove_prefix(end + 1);
    }
    return segment;
  }

  /// All that is left, as one; call it only while more().
  [[nodiscard]] constexpr std::string_view take_rest() noexcept {
    more_ = false;
    return rest_;
  }

 private:
  std::string_view rest_;
  char separator_;
  bool more_ = true;
};

}  // namespace busrt::routing
