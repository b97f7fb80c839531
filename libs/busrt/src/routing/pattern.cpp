// The reference matcher: each rule of the notations once, in the plainest form. See pattern.hpp.
#include "routing/pattern.hpp"

#include "routing/segments.hpp"

namespace busrt::routing {

namespace {

bool segments_match(std::string_view pattern, std::string_view text, const Alphabet& alphabet) noexcept {
  SegmentReader wanted(pattern, alphabet.separator);
  SegmentReader found(text, alphabet.separator);
  while (wanted.more()) {
    if (!found.more()) return false;
    const std::string_view want = wanted.next();
    if (alphabet.is_rest(want)) return true;
    const std::string_view have = found.next();
    if (!alphabet.is_one(want) && want != have) return false;
  }
  return !found.more();
}

}  // namespace

Notation notation_of(std::string_view pattern) noexcept {
  if (pattern.find('/') != std::string_view::npos) return Notation::path;
  SegmentReader segments(pattern, dotted_alphabet.separator);
  while (segments.more()) {
    const std::string_view segment = segments.next();
    if (dotted_alphabet.is_one(segment) || dotted_alphabet.is_rest(segment)) return Notation::dotted;
  }
  return Notation::path;
}

bool pattern_matches(std::string_view pattern, std::string_view topic) noexcept {
  return segments_match(pattern, topic, alphabet_of(notation_of(pattern)));
}

std::string_view meaning_of(std::string_view pattern) noexcept {
  const Alphabet& alphabet = alphabet_of(notation_of(pattern));
  SegmentReader segments(pattern, alphabet.separator);
  while (segments.more()) {
    const std::string_view segment = segments.next();
    if (!alphabet.is_rest(segment)) continue;
    return pattern.substr(0, static_cast<std::size_t>(segment.data() - pattern.data()) + 1);
  }
  return pattern;
}

std::size_t trie_segments(std::string_view pattern) noexcept {
  const Alphabet& alphabet = alphabet_of(notation_of(pattern));
  SegmentReader segments(pattern, alphabet.separator);
  std::size_t count = 0;
  bool wildcards = false;
  while (segments.more()) {
    const std::string_view segment = segments.next();
    ++count;
    if (alphabet.is_rest(segment)) return count;
    wildcards |= alphabet.is_one(segment);
  }
  return wildcards ? count : 1;
}

bool mask_matches(std::string_view mask, std::string_view client_name) noexcept {
  return segments_match(mask, client_name, dotted_alphabet);
}

}  // namespace busrt::routing
