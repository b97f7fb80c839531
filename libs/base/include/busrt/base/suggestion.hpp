// Suggests the known word that a person probably meant. Thread safety: any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace busrt::base {

/// Returns the candidate with the smallest edit distance to the word, the first of equals. Returns nothing if
/// the smallest distance is more than a third of the word's length, and more than 1.
///
/// The distance counts insertions, deletions, replacements and swaps of neighbours (optimal string
/// alignment).
///
/// Complexity: the product of both lengths, for each candidate.
[[nodiscard]] std::optional<std::string> closest_word(std::string_view word,
                                                      std::span<const std::string> candidates);

}  // namespace busrt::base
