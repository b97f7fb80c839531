// MessagePack to JSON values and back.
#include "busrt/msgpack.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <limits>
#include <string>

#include "busrt/frame.hpp"
#include "busrt/limits.hpp"

namespace busrt {
namespace {

namespace json = boost::json;

Result<json::value> decode(std::string_view bytes) {
  return msgpack::decode(as_bytes(bytes));
}

TEST(Msgpack, WhatJsonHasGoesThereAndBack) {
  for (const char* text : {"null",
                           "true",
                           "false",
                           "0",
                           "127",
                           "128",
                           "65536",
                           "4294967296",
                           "18446744073709551615",
                           "-1",
                           "-32",
                           "-33",
                           "-129",
                           "-32769",
                           "-9223372036854775808",
                           "1.5",
                           "\"\"",
                           "\"text\"",
                           "[]",
                           "{}",
                           "[1,[2,[3]]]",
                           "{\"a\":{\"b\":[null,true]},\"c\":\"d\"}"}) {
    const json::value value = json::parse(text);
    const auto decoded = msgpack::decode(msgpack::encode(value));
    ASSERT_TRUE(decoded) << text;
    EXPECT_EQ(*decoded, value) << text;
  }
}

TEST(Msgpack, LongStringsAndCollectionsKeepTheirLength) {
  for (const std::size_t size : {31U, 32U, 255U, 256U, 65535U, 65536U, 100'000U}) {
    const json::value text = json::string(std::string(size, 'x'));
    EXPECT_EQ(msgpack::decode(msgpack::encode(text)).value(), text);
    json::array list;
    for (std::size_t i = 0; i < size; ++i) list.emplace_back(i);
    EXPECT_EQ(msgpack::decode(msgpack::encode(list)).value(), json::value(list));
  }
}

TEST(Msgpack, SmallNumbersTakeOneByteAsOtherImplementationsWriteThem) {
  EXPECT_EQ(msgpack::encode(5), std::vector<std::byte>{std::byte{5}});
  EXPECT_EQ(msgpack::encode(-1), std::vector<std::byte>{std::byte{0xFF}});
}

TEST(Msgpack, WhatJsonLacksBecomesWhatTheHeaderSays) {
  EXPECT_EQ(json::serialize(decode(std::string_view("\xC4\x03\x00\x7F\xFF", 5)).value()), "[0,127,255]");
  EXPECT_EQ(json::serialize(decode(std::string_view("\xD4\x05\x2A", 3)).value()),
            R"({"type":5,"data":[42]})");
  EXPECT_EQ(json::serialize(decode(std::string_view("\xC7\x02\xFF\x01\x02", 5)).value()),
            R"({"type":-1,"data":[1,2]})");
  EXPECT_EQ(json::serialize(decode(std::string_view("\x81\x01\xA1x", 4)).value()), R"({"1":"x"})");
  EXPECT_EQ(json::serialize(decode(std::string_view("\x81\x92\x01\x02\xC0", 5)).value()),
            R"({"[1,2]":null})");
  EXPECT_DOUBLE_EQ(decode(std::string_view("\xCA\x3F\xC0\x00\x00", 5)).value().as_double(), 1.5);
}

TEST(Msgpack, AnythingButExactlyOneValueIsRefused) {
  const auto whole = msgpack::encode(json::parse(R"({"key":[1,2.5,"three",null],"more":{"a":-70000}})"));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto cut = msgpack::decode(std::span(whole).first(length));
    ASSERT_FALSE(cut) << length;
    EXPECT_EQ(cut.error().code, errc::data);
  }
  auto longer = whole;
  longer.push_back(std::byte{0xC0});
  EXPECT_EQ(msgpack::decode(longer).error().code, errc::data);
  EXPECT_EQ(decode("\xC1").error().code, errc::data);
  EXPECT_EQ(decode("\xA2\xFF\xFE").error().code, errc::data) << "a string must be UTF-8";
}

TEST(Msgpack, AClaimOfManyElementsWithoutThemIsRefused) {
  EXPECT_FALSE(decode("\xDD\xFF\xFF\xFF\xFF"));
  EXPECT_FALSE(decode("\xDF\xFF\xFF\xFF\xFF\x01"));
  EXPECT_FALSE(decode("\xDB\xFF\xFF\xFF\xFFx"));
}

TEST(Msgpack, DepthIsBoundedBeforeRecursion) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '\x91') + '\xC0'; };
  EXPECT_TRUE(decode(nested(limits::max_msgpack_depth)));
  EXPECT_FALSE(decode(nested(limits::max_msgpack_depth + 1)));
  EXPECT_FALSE(decode(nested(1'000'000)));
  // Depth through map keys counts as well.
  std::string keys;
  for (int i = 0; i < 200; ++i) keys += '\x81';
  keys += std::string(201, '\xC0');
  EXPECT_FALSE(decode(keys));
}

}  // namespace
}  // namespace busrt
