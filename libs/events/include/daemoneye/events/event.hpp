// The event: what a collector publishes, one JSON object a frame, on the topic `events.<domain>.<kind>`.
//
// {"v":1, "collector":"procmond", "epoch":1763940000000000, "seq":7, "time":"2026-01-02T03:04:05.000000006Z",
//  "domain":"process", "kind":"exec", "correlation_id":"...", "data":{...}}
//
// Sequence. `seq` counts from 1 without holes within an epoch. Whatever a collector could not see or had to
// shed takes its place as a record of kind "loss", whose data is {"count": N | "unknown", "cause": WORD,
// "detail": SENTENCE}. A loss record occupies ONE number whatever its count: the count says how many events
// are missing at this place, and these have no numbers of their own. A receiver that finds a hole between
// numbers has therefore lost that many records on its own way.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "busrt/base/result.hpp"

namespace daemoneye::events {

/// Version of the envelope; decode_event refuses any other.
inline constexpr std::uint64_t event_version = 1;
inline constexpr std::string_view loss_kind = "loss";

/// Longest name, domain or kind in bytes: each is a segment of a topic.
inline constexpr std::size_t word_bytes = 64;

/// What a source knows that it did not see.
struct Loss {
  std::optional<std::uint64_t> count;  ///< events; empty when nobody can tell how many
  std::string cause;   ///< a stable word: "kernel_buffer_overflow", "collector_queue_full", ...
  std::string detail;  ///< a sentence for people
};

/// A plain value.
struct Event {
  std::string collector;
  std::uint64_t epoch = 0;  ///< start of the collector's run, microseconds since the Unix epoch
  std::uint64_t seq = 0;    ///< from 1 within the epoch
  std::chrono::system_clock::time_point time{};
  std::string domain;
  std::string kind;
  std::optional<std::string> correlation_id{};
  boost::json::object data{};

  [[nodiscard]] bool is_loss() const noexcept { return kind == loss_kind; }
};

/// The JSON text. Bytes that are not UTF-8 (arguments and paths may hold any) become U+FFFD.
[[nodiscard]] std::string encode_event(const Event& event);

/// busrt::errc::data with a message that names the field, for anything but one well-formed event of this
/// version. Fields that the envelope does not have are refused as well.
[[nodiscard]] busrt::base::Result<Event> decode_event(std::string_view text);

/// `events.<domain>.<kind>`.
[[nodiscard]] std::string topic_of(const Event& event);

/// The data of a loss record, and back. parse_loss names the field that is wrong.
[[nodiscard]] boost::json::object loss_data(const Loss& loss);
[[nodiscard]] busrt::base::Result<Loss> parse_loss(const boost::json::object& data);

/// RFC 3339 in UTC with nine digits of fraction; parse_time takes any number of digits up to nine, and an
/// offset.
[[nodiscard]] std::string format_time(std::chrono::system_clock::time_point time);
[[nodiscard]] busrt::base::Result<std::chrono::system_clock::time_point> parse_time(std::string_view text);

/// Whether a collector's name, a domain or a kind can stand as one segment of a topic in either notation: 1
/// to word_bytes letters, digits, `_` and `-`.
[[nodiscard]] bool is_topic_word(std::string_view text) noexcept;

}  // namespace daemoneye::events
