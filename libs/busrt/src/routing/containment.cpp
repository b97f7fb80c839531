// See containment.hpp. Segments are unbounded in kind, so a wildcard is contained in nothing but a wildcard
// that is as wide: that makes the walk over segments exact.
#include "routing/containment.hpp"

#include "routing/pattern.hpp"
#include "routing/segments.hpp"

namespace busrt::routing {

namespace {

bool segments_contain(std::string_view grant, std::string_view pattern, const Alphabet& alphabet) noexcept {
  SegmentReader granted(grant, alphabet.separator);
  SegmentReader wanted(pattern, alphabet.separator);
  while (granted.more()) {
    if (!wanted.more()) return false;
    const std::string_view grants = granted.next();
    if (alphabet.is_rest(grants)) return true;
    const std::string_view wants = wanted.next();
    if (alphabet.is_rest(wants)) return false;
    if (alphabet.is_one(grants)) continue;
    if (alphabet.is_one(wants) || grants != wants) return false;
  }
  return !wanted.more();
}

/// The pattern up to its first wildcard segment, every topic that it matches begins with this. The whole
/// pattern where it has no wildcard.
std::string_view literal_prefix(std::string_view pattern, const Alphabet& alphabet) noexcept {
  SegmentReader segments(pattern, alphabet.separator);
  while (segments.more()) {
    const std::string_view segment = segments.next();
    if (alphabet.is_one(segment) || alphabet.is_rest(segment)) {
      return pattern.substr(0, static_cast<std::size_t>(segment.data() - pattern.data()));
    }
  }
  return pattern;
}

/// True where the segments that `prefix` completes lead `grant` to its rest wildcard: then whatever follows
/// the prefix is matched.
bool prefix_reaches_rest(std::string_view grant, std::string_view prefix, const Alphabet& alphabet) noexcept {
  SegmentReader granted(grant, alphabet.separator);
  SegmentReader known(prefix, alphabet.separator);
  while (granted.more()) {
    const std::string_view grants = granted.next();
    if (alphabet.is_rest(grants)) return true;
    if (!known.more()) return false;
    const std::string_view segment = known.next();
    // The prefix's last segment is not complete: what follows may go on with it.
    if (!known.more()) return false;
    if (!alphabet.is_one(grants) && grants != segment) return false;
  }
  return false;
}

}  // namespace

bool pattern_contains(std::string_view grant, std::string_view pattern) noexcept {
  const Notation notation = notation_of(grant);
  const Notation other = notation_of(pattern);
  if (notation == other) return segments_contain(grant, pattern, alphabet_of(notation));
  const std::string_view prefix = literal_prefix(pattern, alphabet_of(other));
  if (prefix.size() == pattern.size()) return pattern_matches(grant, pattern);
  return prefix_reaches_rest(grant, prefix, alphabet_of(notation));
}

bool mask_contains(std::string_view grant, std::string_view mask) noexcept {
  return segments_contain(grant, mask, dotted_alphabet);
}

}  // namespace busrt::routing
