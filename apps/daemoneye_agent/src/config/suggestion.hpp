// "Did you mean": the known word closest to one that nobody knows.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace daemoneye_agent {

/// The candidate within a third of the word's length (at least one edit) of insertions, deletions,
/// replacements and swaps of neighbours; the first of equals. Empty when nothing is that close.
[[nodiscard]] std::optional<std::string> closest_word(std::string_view word,
                                                      std::span<const std::string> candidates);

}  // namespace daemoneye_agent
