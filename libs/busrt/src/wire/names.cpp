#include "wire/names.hpp"

#include <algorithm>

#include "busrt/base/utf8.hpp"
#include "busrt/limits.hpp"

namespace busrt::wire {

namespace {

static_assert(limits::max_topic_bytes == 4096 && limits::max_topic_segments == 128,
              "the sentences of pattern_problem and topic_problem name these limits");

std::size_t segment_count(std::string_view text, char separator) noexcept {
  return static_cast<std::size_t>(std::ranges::count(text, separator)) + 1;
}

/// Subscribers of either notation may cut the topic, so both separators are counted.
bool too_deep(std::string_view text) noexcept {
  return segment_count(text, '/') > limits::max_topic_segments ||
         segment_count(text, '.') > limits::max_topic_segments;
}

}  // namespace

bool valid_name(std::string_view text) noexcept {
  return text.find('\0') == std::string_view::npos && base::valid_utf8(text);
}

const char* pattern_problem(std::string_view pattern) noexcept {
  if (pattern.size() > limits::max_topic_bytes) return "the topic pattern is longer than 4096 bytes";
  if (!base::valid_utf8(pattern)) return "the topic pattern is not valid UTF-8";
  if (!valid_name(pattern)) return "the topic pattern holds a NUL";
  return too_deep(pattern) ? "the topic pattern has more than 128 segments" : nullptr;
}

const char* topic_problem(std::string_view topic) noexcept {
  if (topic.size() > limits::max_topic_bytes) return "the topic is longer than 4096 bytes";
  if (!base::valid_utf8(topic)) return "the topic is not valid UTF-8";
  if (!valid_name(topic)) return "the topic holds a NUL";
  return too_deep(topic) ? "the topic has more than 128 segments" : nullptr;
}

}  // namespace busrt::wire
