// The event's JSON, both directions.

#include "daemoneye/events/event.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "busrt/base/utf8.hpp"
#include "daemoneye/events/envelope_fields.hpp"
#include "daemoneye/events/error.hpp"
#include "daemoneye/events/object_writer.hpp"
#include "daemoneye/events/time_text.hpp"
#include "daemoneye/events/topics.hpp"

namespace daemoneye::events {
namespace {

namespace json = boost::json;

std::unexpected<busrt::base::Error> wrong(std::string_view where, std::string_view what) {
  return busrt::base::fail(errc::malformed, fmt::format("event: {}: {}", where, what));
}

/// Reads the fields of one object, and remembers the first thing that is wrong.
class EnvelopeReader {
 public:
  explicit EnvelopeReader(json::object& object) : object_(object) {}

  std::uint64_t number(const Field& described) {
    const auto* const value = required(described);
    if (value == nullptr) return 0;
    boost::system::error_code error;
    const auto result = value->is_number() ? value->to_number<std::uint64_t>(error) : 0;
    if (!value->is_number() || error || result == 0) {
      note(described.name, "expected an integer of 1 or more");
      return 0;
    }
    return result;
  }
  std::string text(const Field& described) {
    const auto* const value = required(described);
    if (value == nullptr) return {};
    if (!value->is_string()) {
      note(described.name, "expected a string");
      return {};
    }
    return std::string(value->get_string());
  }
  std::string word(const Field& described) {
    auto value = text(described);
    if (!failed() && !is_topic_word(value)) {
      note(described.name, fmt::format("expected 1 to {} letters, digits, '_' or '-'", word_bytes));
    }
    return value;
  }
  std::chrono::system_clock::time_point time(const Field& described) {
    const auto value = text(described);
    if (failed()) return {};
    const auto parsed = parse_time(value);
    if (!parsed) {
      note(described.name, parsed.error().message);
      return {};
    }
    return *parsed;
  }
  std::optional<std::string> optional_text(const Field& described) {
    if (!object_.contains(described.name)) return std::nullopt;
    return text(described);
  }
  json::object take_object(const Field& described) {
    auto* const value = required(described);
    if (value == nullptr) return {};
    if (!value->is_object()) {
      note(described.name, "expected an object");
      return {};
    }
    return std::move(value->get_object());
  }

  void note(std::string_view where, std::string_view what) {
    if (!problem_) problem_ = wrong(where, what);
  }
  [[nodiscard]] bool failed() const { return problem_.has_value(); }
  [[nodiscard]] std::unexpected<busrt::base::Error> problem() { return std::move(*problem_); }

 private:
  json::value* required(const Field& described) {
    auto* const value = object_.if_contains(described.name);
    if (value == nullptr) note(described.name, "missing");
    return value;
  }

  json::object& object_;
  std::optional<std::unexpected<busrt::base::Error>> problem_;
};

busrt::base::Result<json::object> parse_object(std::string_view text) {
  boost::system::error_code error;
  auto value = json::parse(text, error);
  if (error) {
    return busrt::base::fail(errc::malformed, fmt::format("event: no well-formed JSON: {}", error.message()));
  }
  if (!value.is_object()) return busrt::base::fail(errc::malformed, "event: expected a JSON object");
  return std::move(value.get_object());
}

}  // namespace

std::string encode_event(const EventHead& head, std::string_view data) {
  std::string text;
  // What the envelope takes beside its texts: names, quotes, three numbers and the time.
  constexpr std::size_t envelope_bytes = 192;
  text.reserve(envelope_bytes + head.collector.size() + head.domain.size() + head.kind.size() +
               head.correlation_id.value_or(std::string_view()).size() + data.size());
  ObjectWriter writer(text);
  writer.put(envelope::version, event_version);
  writer.put(envelope::collector, head.collector);
  writer.put(envelope::epoch, head.epoch);
  writer.put(envelope::seq, head.seq);
  writer.put(envelope::time, head.time);
  writer.put(envelope::domain, head.domain);
  writer.put(envelope::kind, head.kind);
  if (head.correlation_id) writer.put(envelope::correlation_id, *head.correlation_id);
  writer.put_json(envelope::data, data);
  writer.end();
  return text;
}

std::string encode_data(const json::object& data) {
  std::string text = json::serialize(data);
  // Outside of strings JSON is ASCII, so what is not UTF-8 stands within one.
  if (busrt::base::valid_utf8(text)) return text;
  return busrt::base::replace_invalid_utf8(text);
}

std::string encode_event(const Event& event) {
  return encode_event(EventHead{event.collector, event.epoch, event.seq, event.time, event.domain, event.kind,
                                event.correlation_id},
                      encode_data(event.data));
}

busrt::base::Result<Event> decode_event(std::string_view text) {
  auto parsed = parse_object(text);
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  json::object& object = *parsed;
  EnvelopeReader reader(object);
  // The version first: in another one nothing else need mean what we think.
  if (reader.number(envelope::version) != event_version) {
    reader.note(envelope::version.name, fmt::format("only version {} is understood", event_version));
  }
  for (const auto& [key, value] : object) {
    if (find_field(envelope::table, std::string_view(key)) == nullptr) {
      reader.note(std::string_view(key).substr(0, 64), "unknown field");
    }
  }
  Event event;
  event.collector = reader.word(envelope::collector);
  event.epoch = reader.number(envelope::epoch);
  event.seq = reader.number(envelope::seq);
  event.time = reader.time(envelope::time);
  event.domain = reader.word(envelope::domain);
  event.kind = reader.word(envelope::kind);
  event.correlation_id = reader.optional_text(envelope::correlation_id);
  event.data = reader.take_object(envelope::data);
  if (reader.failed()) return reader.problem();
  return event;
}

std::string topic_of(const Event& event) {
  return topics::of_event(event.domain, event.kind);
}

}  // namespace daemoneye::events
