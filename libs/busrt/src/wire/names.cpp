#include "wire/names.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

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

bool valid_utf8(std::string_view text) noexcept {
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = at + text.size();
  const auto continuation = [](unsigned char byte) { return (byte & 0xC0U) == 0x80U; };
  while (at < end) {
    // Names are nearly always ASCII: take eight bytes at a time while no high bit is set.
    while (end - at >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, at, sizeof word);
      if ((word & 0x8080808080808080U) != 0) break;
      at += 8;
    }
    if (at == end) return true;
    const unsigned char lead = *at;
    const auto left = end - at;
    if (lead < 0x80U) {
      at += 1;
    } else if (lead >= 0xC2U && lead <= 0xDFU) {
      if (left < 2 || !continuation(at[1])) return false;
      at += 2;
    } else if ((lead & 0xF0U) == 0xE0U) {
      if (left < 3 || !continuation(at[1]) || !continuation(at[2])) return false;
      if (lead == 0xE0U && at[1] < 0xA0U) return false;  // overlong
      if (lead == 0xEDU && at[1] > 0x9FU) return false;  // surrogate
      at += 3;
    } else if (lead >= 0xF0U && lead <= 0xF4U) {
      if (left < 4 || !continuation(at[1]) || !continuation(at[2]) || !continuation(at[3])) return false;
      if (lead == 0xF0U && at[1] < 0x90U) return false;  // overlong
      if (lead == 0xF4U && at[1] > 0x8FU) return false;  // above U+10FFFF
      at += 4;
    } else {
      return false;
    }
  }
  return true;
}

bool valid_name(std::string_view text) noexcept {
  return text.find('\0') == std::string_view::npos && valid_utf8(text);
}

const char* pattern_problem(std::string_view pattern) noexcept {
  if (pattern.size() > limits::max_topic_bytes) return "the topic pattern is longer than 4096 bytes";
  if (!valid_utf8(pattern)) return "the topic pattern is not valid UTF-8";
  if (!valid_name(pattern)) return "the topic pattern holds a NUL";
  return too_deep(pattern) ? "the topic pattern has more than 128 segments" : nullptr;
}

const char* topic_problem(std::string_view topic) noexcept {
  if (topic.size() > limits::max_topic_bytes) return "the topic is longer than 4096 bytes";
  if (!valid_utf8(topic)) return "the topic is not valid UTF-8";
  if (!valid_name(topic)) return "the topic holds a NUL";
  return too_deep(topic) ? "the topic has more than 128 segments" : nullptr;
}

}  // namespace busrt::wire
