// See grant_check.hpp.
#include "access/grant_check.hpp"

#include "busrt/protocol.hpp"
#include "routing/pattern.hpp"
#include "routing/segments.hpp"

namespace busrt::access {

namespace {

using routing::Alphabet;
using routing::SegmentReader;

/// A segment, cut by the alphabet's separator, that is exactly a wildcard of `foreign`.
std::optional<std::string> foreign_wildcard(std::string_view text, char separator, const Alphabet& foreign) {
  SegmentReader segments(text, separator);
  while (segments.more()) {
    const std::string_view segment = segments.next();
    if (foreign.is_one(segment) || foreign.is_rest(segment)) return std::string(segment);
  }
  return std::nullopt;
}

bool something_after_rest(std::string_view text, const Alphabet& alphabet) {
  SegmentReader segments(text, alphabet.separator);
  while (segments.more()) {
    if (alphabet.is_rest(segments.next())) return segments.more();
  }
  return false;
}

std::string after_rest(const Alphabet& alphabet) {
  return std::string("nothing may follow the wildcard ") + alphabet.rest + ", it would be ignored";
}

}  // namespace

std::optional<std::string> pattern_mistake(std::string_view pattern) {
  if (pattern.empty()) return "expected a topic pattern, found an empty one";
  if (const char* problem = routing::pattern_problem(pattern)) return problem;
  const bool dotted = routing::notation_of(pattern) == routing::Notation::dotted;
  const Alphabet& own = dotted ? routing::dotted_alphabet : routing::path_alphabet;
  const Alphabet& other = dotted ? routing::path_alphabet : routing::dotted_alphabet;
  // By either separator: `a/*` and `events.#` are the same mistake.
  auto foreign = foreign_wildcard(pattern, '/', other);
  if (!foreign) foreign = foreign_wildcard(pattern, '.', other);
  // The wildcards of its own notation, where only the other's separator makes a segment of them.
  if (!foreign) {
    if (const auto cut = foreign_wildcard(pattern, other.separator, own);
        cut && !foreign_wildcard(pattern, own.separator, own)) {
      foreign = cut;
    }
  }
  if (foreign) {
    return "the segment " + *foreign +
           " is no wildcard here and would stand for itself: patterns have + and # " +
           "between slashes, or ? and * between dots";
  }
  if (something_after_rest(pattern, own)) return after_rest(own);
  return std::nullopt;
}

std::optional<std::string> mask_mistake(std::string_view mask) {
  if (mask.empty()) return "expected a client mask, found an empty one";
  if (routing::pattern_problem(mask) != nullptr) {
    return "expected a client mask: at most 4096 bytes and 128 segments of UTF-8, without NUL";
  }
  if (mask.find(secondary_separator) != std::string_view::npos) {
    return "expected the name of a primary client: what is said of it holds for its secondaries "
           "(NAME%%SUFFIX)";
  }
  for (const char separator : {'.', '/'}) {
    if (const auto foreign = foreign_wildcard(mask, separator, routing::path_alphabet)) {
      return "the segment " + *foreign + " is no wildcard here: client masks have ? and * between dots";
    }
  }
  if (something_after_rest(mask, routing::dotted_alphabet)) return after_rest(routing::dotted_alphabet);
  return std::nullopt;
}

}  // namespace busrt::access
