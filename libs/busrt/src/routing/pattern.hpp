// What topic patterns and client masks mean: the plain reference matcher, which the tables of this room must
// agree with, and the checks that a name has to pass before it may enter one. Pure functions, safe from any
// thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "wire/names.hpp"

namespace busrt::routing {

/// path: separator `/`, `+` one segment, `#` the rest. dotted: separator `.`, `?` one segment, `*` the rest.
enum class Notation : std::uint8_t { path, dotted };

/// A pattern is dotted when it has no `/` and one of its dot-separated segments is exactly `?` or `*`.
[[nodiscard]] Notation notation_of(std::string_view pattern) noexcept;

/// True where a subscription to `pattern` gets a frame of `topic`. Linear in both.
[[nodiscard]] bool pattern_matches(std::string_view pattern, std::string_view topic) noexcept;

/// True where a client mask names `client_name`: separator `.`, `?` one segment, `*` the rest, one segment or
/// more.
[[nodiscard]] bool mask_matches(std::string_view mask, std::string_view client_name) noexcept;

/// The part of a pattern that counts: without what stands behind its rest wildcard, which is ignored.
[[nodiscard]] std::string_view meaning_of(std::string_view pattern) noexcept;

/// Segments of the part that counts, for each of which a trie may have a node; 1 for a pattern without
/// wildcards, which is found as a whole.
[[nodiscard]] std::size_t trie_segments(std::string_view pattern) noexcept;

/// What a name has to pass before it enters a table.
using wire::pattern_problem;
using wire::topic_problem;

}  // namespace busrt::routing
