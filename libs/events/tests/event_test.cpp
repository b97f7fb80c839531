// The event's JSON: what goes out comes back, and what is wrong is named.

#include "daemoneye/events/event.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace daemoneye::events {
namespace {

namespace json = boost::json;
Event sample() {
  Event event;
  event.collector = "procmond";
  event.epoch = 1763940000000000;
  event.seq = 7;
  event.time = std::chrono::system_clock::time_point(std::chrono::nanoseconds(1767323045000000006));
  event.domain = "process";
  event.kind = "exec";
  event.data = {{"pid", 42}, {"args", json::array{"ls", "-l \"x\""}}};
  return event;
}

/// The sample's JSON with one field replaced; null removes it.
std::string with_field(std::string_view field, const json::value& value) {
  auto object = json::parse(encode_event(sample())).as_object();
  if (value.is_null()) {
    object.erase(field);
  } else {
    object[field] = value;
  }
  return json::serialize(object);
}

TEST(Event, HasTheEnvelopeOfTheDesign) {
  EXPECT_EQ(encode_event(sample()),
            R"({"v":1,"collector":"procmond","epoch":1763940000000000,"seq":7,)"
            R"("time":"2026-01-02T03:04:05.000000006Z","domain":"process","kind":"exec",)"
            R"("data":{"pid":42,"args":["ls","-l \"x\""]}})");
}

TEST(Event, ComesBackAsItWas) {
  auto event = sample();
  event.correlation_id = "a \"quoted\" id";
  const auto decoded = decode_event(encode_event(event));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().describe();
  EXPECT_EQ(decoded->collector, event.collector);
  EXPECT_EQ(decoded->epoch, event.epoch);
  EXPECT_EQ(decoded->seq, event.seq);
  EXPECT_EQ(decoded->time, event.time);
  EXPECT_EQ(decoded->domain, event.domain);
  EXPECT_EQ(decoded->kind, event.kind);
  EXPECT_EQ(decoded->correlation_id, event.correlation_id);
  EXPECT_EQ(decoded->data, event.data);
}

TEST(Event, TopicNamesDomainAndKind) {
  EXPECT_EQ(topic_of(sample()), "events.process.exec");
}

TEST(Event, BytesThatAreNotUtf8AreReplacedSoThatTheReceiverCanReadIt) {
  auto event = sample();
  event.data = {{"path", "/tmp/\xFFgr\xC3\xBC\xC3"}};
  const auto decoded = decode_event(encode_event(event));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().describe();
  EXPECT_EQ(decoded->data.at("path").as_string(), "/tmp/\xEF\xBF\xBDgr\xC3\xBC\xEF\xBF\xBD");
}

TEST(Event, EveryMissingFieldIsNamed) {
  for (const auto* const field : {"v", "collector", "epoch", "seq", "time", "domain", "kind", "data"}) {
    const auto decoded = decode_event(with_field(field, nullptr));
    ASSERT_FALSE(decoded.has_value()) << field;
    EXPECT_EQ(decoded.error().message, "event: " + std::string(field) + ": missing");
  }
}

TEST(Event, EveryWrongFieldIsNamed) {
  const std::pair<const char*, json::value> cases[] = {{"v", 2},
                                                       {"v", "1"},
                                                       {"collector", 5},
                                                       {"collector", "a.b"},
                                                       {"epoch", 0},
                                                       {"epoch", -1},
                                                       {"epoch", 1.5},
                                                       {"seq", 0},
                                                       {"seq", "7"},
                                                       {"time", "yesterday"},
                                                       {"time", 0},
                                                       {"domain", ""},
                                                       {"domain", "a/b"},
                                                       {"kind", "*"},
                                                       {"kind", json::string(65, 'x')},
                                                       {"correlation_id", 1},
                                                       {"data", "x"},
                                                       {"data", json::array{}},
                                                       {"colour", "red"}};
  for (const auto& [field, value] : cases) {
    const auto decoded = decode_event(with_field(field, value));
    ASSERT_FALSE(decoded.has_value()) << field << " = " << value;
    EXPECT_TRUE(decoded.error().message.starts_with("event: " + std::string(field) + ": "))
        << decoded.error().message;
  }
}

TEST(Event, WhatIsNoJsonObjectIsRefused) {
  for (const auto* const text : {"", "{", "[]", "null", "\xFF", "{} {}"}) {
    EXPECT_FALSE(decode_event(text).has_value()) << text;
  }
  // Deep nesting ends in an error, not in the stack.
  EXPECT_FALSE(decode_event(std::string(100000, '[')).has_value());
}

TEST(Event, LossDataComesBackAsItWas) {
  for (const Loss& loss : {Loss{12, "kernel_buffer_overflow", "ENOBUFS"}, Loss{std::nullopt, "x", ""}}) {
    const auto parsed = parse_loss(loss_data(loss));
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->count, loss.count);
    EXPECT_EQ(parsed->cause, loss.cause);
    EXPECT_EQ(parsed->detail, loss.detail);
  }
  EXPECT_EQ(loss_data({std::nullopt, "x", ""}).at("count").as_string(), "unknown");
}

TEST(Event, WrongLossDataIsNamed) {
  EXPECT_NE(parse_loss({{"cause", "x"}}).error().message.find("data.count"), std::string::npos);
  EXPECT_NE(parse_loss({{"count", -1}, {"cause", "x"}}).error().message.find("data.count"),
            std::string::npos);
  EXPECT_NE(parse_loss({{"count", "many"}, {"cause", "x"}}).error().message.find("data.count"),
            std::string::npos);
  EXPECT_NE(parse_loss({{"count", 1}}).error().message.find("data.cause"), std::string::npos);
}

}  // namespace
}  // namespace daemoneye::events
