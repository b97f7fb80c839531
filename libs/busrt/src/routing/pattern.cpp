// The reference matcher: each rule of the notations once, in the plainest form. See pattern.hpp.
#include "routing/pattern.hpp"

#include <algorithm>

#include "busrt/limits.hpp"
#include "routing/segments.hpp"
#include "wire/names.hpp"

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

std::size_t segment_count(std::string_view text, char separator) noexcept {
  return static_cast<std::size_t>(std::ranges::count(text, separator)) + 1;
}

static_assert(limits::max_topic_bytes == 4096 && limits::max_topic_segments == 128,
              "the sentences of pattern_problem and topic_problem name these limits");

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

bool mask_matches(std::string_view mask, std::string_view client_name) noexcept {
  return segments_match(mask, client_name, dotted_alphabet);
}

const char* pattern_problem(std::string_view pattern) noexcept {
  if (pattern.size() > limits::max_topic_bytes) return "the topic pattern is longer than 4096 bytes";
  if (!wire::valid_utf8(pattern)) return "the topic pattern is not valid UTF-8";
  if (!wire::valid_name(pattern)) return "the topic pattern holds a NUL";
  if (segment_count(pattern, '/') > limits::max_topic_segments ||
      segment_count(pattern, '.') > limits::max_topic_segments) {
    return "the topic pattern has more than 128 segments";
  }
  return nullptr;
}

const char* topic_problem(std::string_view topic) noexcept {
  if (topic.size() > limits::max_topic_bytes) return "the topic is longer than 4096 bytes";
  if (!wire::valid_utf8(topic)) return "the topic is not valid UTF-8";
  if (!wire::valid_name(topic)) return "the topic holds a NUL";
  // Subscribers of either notation may cut the topic, so both separators are counted.
  if (segment_count(topic, '/') > limits::max_topic_segments ||
      segment_count(topic, '.') > limits::max_topic_segments) {
    return "the topic has more than 128 segments";
  }
  return nullptr;
}

}  // namespace busrt::routing
