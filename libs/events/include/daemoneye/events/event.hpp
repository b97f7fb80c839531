// The event: what a collector publishes, one JSON object a frame, on the topic `events.<domain>.<kind>`.
//
// {"v":1, "collector":"procmond", "epoch":1763940000000000, "seq":7, "time":"2026-01-02T03:04:05.000000006Z",
//  "domain":"process", "kind":"exec", "correlation_id":"...", "data":{...}}
//
// Sequence. `seq` counts from 1 without holes within an epoch. Events that a collector could not observe, or
// had to shed, are replaced by a record of kind "loss" at their place in the sequence. A loss record occupies
// ONE number whatever its count: the count is the number of missing events, which have no numbers of their
// own. A receiver that finds a hole between numbers has therefore lost that many records on the way.
//
// envelope_fields.hpp and loss_fields.hpp declare the fields; schema.hpp has those of each domain.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "busrt/base/result.hpp"
#include "daemoneye/events/loss.hpp"

namespace daemoneye::events {

/// Version of the envelope. decode_event() refuses any other.
inline constexpr std::uint64_t event_version = 1;

/// One event, or one loss record.
struct Event {
  std::string collector;
  std::uint64_t epoch = 0;  ///< start of the collector's run, microseconds since the Unix epoch
  std::uint64_t seq = 0;    ///< from 1 within the epoch
  std::chrono::system_clock::time_point time{};
  std::string domain;
  std::string kind;
  std::optional<std::string> correlation_id{};
  boost::json::object data{};

  /// Returns true if the event is a loss record.
  [[nodiscard]] bool is_loss() const noexcept { return kind == loss_kind; }
};

/// What an event has before its data, as views.
struct EventHead {
  std::string_view collector;
  std::uint64_t epoch = 0;
  std::uint64_t seq = 0;
  std::chrono::system_clock::time_point time{};
  std::string_view domain;
  std::string_view kind;
  std::optional<std::string_view> correlation_id{};
};

/// Returns the event as JSON text. `data` is the text of one JSON object in UTF-8, such as ObjectWriter
/// writes, and becomes part of the event as it is. Each byte of the other texts that is not UTF-8 becomes
/// U+FFFD.
[[nodiscard]] std::string encode_event(const EventHead& head, std::string_view data);

/// Returns the data of an event as JSON text. Each byte that is not UTF-8 becomes U+FFFD.
[[nodiscard]] std::string encode_data(const boost::json::object& data);

/// Returns the event as JSON text. Each byte that is not UTF-8 becomes U+FFFD.
[[nodiscard]] std::string encode_event(const Event& event);

/// Reads one event of this version.
/// Errors: errc::malformed, with a message that names the field; a field that the envelope does not have is
/// one.
[[nodiscard]] busrt::base::Result<Event> decode_event(std::string_view text);

/// Returns the event's topic, `events.<domain>.<kind>`.
[[nodiscard]] std::string topic_of(const Event& event);

}  // namespace daemoneye::events
