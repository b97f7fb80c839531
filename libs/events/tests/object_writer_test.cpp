// The writer beside the tree of values that it replaces: what both write reads the same.
#include "daemoneye/events/object_writer.hpp"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "busrt/base/utf8.hpp"
#include "daemoneye/events/event.hpp"

namespace daemoneye::events {
namespace {

namespace json = boost::json;

constexpr Field one{.name = "one", .type = Type::text, .sentence = "One."};
constexpr Field two{.name = "two", .type = Type::integer, .sentence = "Two."};
constexpr Field three{.name = "three", .type = Type::text_list, .sentence = "Three."};
constexpr Field inner{.name = "inner", .type = Type::object, .sentence = "An object."};

/// What one put() writes, as a value.
template <class Value>
json::value written(const Value& value) {
  std::string text;
  ObjectWriter writer(text);
  writer.put(one, value);
  writer.end();
  return json::parse(text).at("one");
}

TEST(ObjectWriter, WritesEveryType) {
  EXPECT_EQ(written(nullptr), nullptr);
  EXPECT_EQ(written(true), true);
  EXPECT_EQ(written(false), false);
  EXPECT_EQ(written("text"), "text");
  EXPECT_EQ(written(std::string("text")), "text");
  EXPECT_EQ(written(std::optional<int>(5)), 5);
  EXPECT_EQ(written(std::optional<std::string>()), nullptr);
  EXPECT_EQ(written(std::numeric_limits<std::int64_t>::min()), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(written(std::numeric_limits<std::uint64_t>::max()), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(written(std::int8_t{-3}), -3);
  EXPECT_EQ(written(std::vector<std::string>{}), json::array());
  EXPECT_EQ(written(std::vector<std::string>{"a", "", "c"}), (json::array{"a", "", "c"}));
  EXPECT_EQ(written(0.1), 0.1);
  EXPECT_TRUE(written(1.0).is_double()) << "a real stays a real";
  EXPECT_EQ(written(std::numeric_limits<double>::infinity()), nullptr);
  EXPECT_EQ(written(std::numeric_limits<double>::quiet_NaN()), nullptr);
}

TEST(ObjectWriter, NestsObjects) {
  std::string text = "before ";
  ObjectWriter writer(text);
  writer.put(two, 1);
  auto nested = writer.object(inner);
  nested.put(two, 2);
  nested.object(inner).end();
  nested.end();
  writer.put(three, std::vector<std::string>{"x"});
  writer.end();
  EXPECT_EQ(text, R"(before {"two":1,"inner":{"two":2,"inner":{}},"three":["x"]})");
}

TEST(ObjectWriter, EveryByteReadsAsTheTreeOfValuesReads) {
  for (int first = 0; first < 256; ++first) {
    for (const std::string& text : {std::string(1, static_cast<char>(first)),
                                    "a" + std::string(1, static_cast<char>(first)) + "\xC3\xBC"}) {
      Event event;
      event.data = {{one.name, text}};
      EXPECT_EQ(written(text), json::parse(encode_event(event)).at("data").at("one")) << first;
    }
  }
}

/// Bytes that are likely to be read wrongly: controls, quotes, halves of code points, and plain letters.
std::string random_text(std::mt19937& random) {
  constexpr std::string_view pieces[] = {"a",
                                         "\\",
                                         "\"",
                                         "\n",
                                         "\x01",
                                         "\x1f",
                                         "\x7f",
                                         "/",
                                         "\xFF",
                                         "\xC3",
                                         "\xBC",
                                         "\xC3\xBC",
                                         "\xF0\x9F\x90\xA7",
                                         "\xED\xA0\x80",
                                         "word "};
  std::string text;
  const std::size_t count = random() % 12;
  for (std::size_t i = 0; i < count; ++i) text += pieces[random() % std::size(pieces)];
  if (random() % 8 == 0) text += '\0';
  return text;
}

TEST(ObjectWriter, ManyEventsReadAsTheTreeOfValuesReads) {
  std::mt19937 random(4711);
  for (int round = 0; round < 20000; ++round) {
    Event event;
    event.collector = "procmond";
    event.epoch = 1763940000000000;
    event.seq = random() + 1ULL;
    event.time = std::chrono::system_clock::time_point(std::chrono::nanoseconds(random()));
    event.domain = "process";
    event.kind = "exec";
    if (random() % 2 == 0) event.correlation_id = random_text(random);
    const std::string text = random_text(random);
    const auto number = static_cast<std::int64_t>((std::uint64_t{random()} << 32U) | random());
    std::vector<std::string> list(random() % 4);
    for (auto& item : list) item = random_text(random);
    json::array array;
    for (const auto& item : list) array.emplace_back(item);
    event.data = {
        {one.name, text}, {two.name, number}, {three.name, array}, {inner.name, {{one.name, text}}}};

    std::string data;
    ObjectWriter writer(data);
    writer.put(one, text);
    writer.put(two, number);
    writer.put(three, list);
    auto nested = writer.object(inner);
    nested.put(one, text);
    nested.end();
    writer.end();

    const EventHead head{event.collector, event.epoch, event.seq,           event.time,
                         event.domain,    event.kind,  event.correlation_id};
    const std::string by_writer = encode_event(head, data);
    ASSERT_TRUE(busrt::base::valid_utf8(by_writer));
    ASSERT_EQ(json::parse(by_writer), json::parse(encode_event(event))) << round;
    if (!event.correlation_id) {
      const auto decoded = decode_event(by_writer);
      ASSERT_TRUE(decoded.has_value()) << decoded.error().describe();
    }
  }
}

}  // namespace
}  // namespace daemoneye::events
