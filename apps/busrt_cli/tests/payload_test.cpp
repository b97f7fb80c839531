// How payloads are recognised and parameters become MessagePack.
#include "payload.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <utility>
#include <vector>

#include "busrt/frame.hpp"
#include "busrt/msgpack.hpp"
#include "terminal.hpp"

namespace busrt_cli {
namespace {

using namespace std::string_view_literals;

std::string shown_as(std::string_view payload, bool silent = false) {
  return payload_text(busrt::as_bytes(payload), silent);
}

TEST(Payload, AJsonObjectIsShownAsJson) {
  EXPECT_EQ(shown_as(R"({"b":1,"a":"x"})"), "JSON:\n{\n  \"a\": \"x\",\n  \"b\": 1\n}\n");
  EXPECT_EQ(shown_as(R"({"b":1,"a":"x"})", true), "{\"a\":\"x\",\"b\":1}\n");
}

TEST(Payload, OtherTextIsShownAsItIs) {
  EXPECT_EQ(shown_as("hello"), "STR:  hello\n");
  EXPECT_EQ(shown_as("hello", true), " hello\n");
  EXPECT_EQ(shown_as("[1,2]"), "STR:  [1,2]\n");
  EXPECT_EQ(shown_as(""), "STR:  \n");
  EXPECT_EQ(shown_as("\xC3\xA9"), "STR:  \xC3\xA9\n");
}

TEST(Payload, MessagePackIsShownAsJson) {
  EXPECT_EQ(shown_as("\x81\xA2ok\xC3"), "MSGPACK:\n{\n  \"ok\": true\n}\n");
  EXPECT_EQ(shown_as("\x81\xA2ok\xC3", true), "{\"ok\":true}\n");
}

TEST(Payload, OtherBytesAreShownAsHexDigitsOrPassedOnWhenSilent) {
  EXPECT_EQ(shown_as("\x01\x02\xFF"sv), "HEX: 0102ff\n");
  EXPECT_EQ(shown_as("\x01\x02\xFF"sv, true), "\x01\x02\xFF");
  const std::string longer(300, '\xEE');
  const std::string text = shown_as(longer);
  EXPECT_EQ(text.size(), "HEX: "sv.size() + 512 + "...\n"sv.size());
  EXPECT_TRUE(text.ends_with("ee...\n"));
}

TEST(Payload, WhatCouldActOnATerminalIsEscapedForOneAndLinesAreKept) {
  EXPECT_EQ(escaped("a\x1b[2J\rb\x7F\n\tc\xC2\x9B\xE2\x80\xAE\xC3\xA9\xFF"sv),
            "a\\x1b[2J\\x0db\\x7f\n\tc\\xc2\\x9b\\xe2\\x80\\xae\xC3\xA9\\xff");
}

TEST(Payload, Utf8IsToldFromWhatOnlyLooksLikeIt) {
  for (const std::string_view text : {""sv, "abc"sv, "\xC3\xA9"sv, "\xE2\x82\xAC"sv, "\xF0\x9F\x98\x80"sv}) {
    EXPECT_TRUE(valid_utf8(text)) << text;
  }
  for (const std::string_view text : {"\x80"sv, "\xC3"sv, "\xC0\xAF"sv, "\xE0\x80\x80"sv, "\xED\xA0\x80"sv,
                                      "\xF4\x90\x80\x80"sv, "\xFF"sv, "\xE2\x82"sv, "\xC3\x41"sv}) {
    EXPECT_FALSE(valid_utf8(text)) << hex_text(busrt::as_bytes(text));
  }
}

TEST(Params, ValuesAreBooleansIntegersFloatsElseStrings) {
  const auto bytes = encode_params({"a=1", "b=-2.5", "c=true", "d=false", "e=x y", "f=", "g=+7", "h=1e3",
                                    "i=k=v", "", "j=12x", "k=9223372036854775808"});
  ASSERT_TRUE(bytes) << bytes.error().describe();
  const auto map = busrt::msgpack::decode(*bytes);
  ASSERT_TRUE(map) << map.error().describe();
  const auto expected = boost::json::parse(
      R"({"a":1,"b":-2.5,"c":true,"d":false,"e":"x y","f":"","g":7,"h":1000.0,"i":"k=v","j":"12x",
          "k":9223372036854775808.0})");
  EXPECT_EQ(*map, expected) << *map;
}

TEST(Params, AnArgumentThatIsNoPairIsNamed) {
  const auto bytes = encode_params({"a=1", "bad"});
  ASSERT_FALSE(bytes);
  EXPECT_NE(bytes.error().message.find("'bad'"), std::string::npos);
}

TEST(Params, NoneAreAnEmptyPayload) {
  const auto bytes = read_params({});
  ASSERT_TRUE(bytes);
  EXPECT_TRUE(bytes->empty());
}

}  // namespace
}  // namespace busrt_cli
