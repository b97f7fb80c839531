// How payloads are recognised and parameters become MessagePack.
#include "payload.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <utility>
#include <vector>

#include "busrt/frame.hpp"
#include "busrt/msgpack.hpp"

namespace busrt_cli {
namespace {

using namespace std::string_view_literals;

std::string shown_as(std::string_view payload, PayloadForm form = PayloadForm::headed) {
  return payload_text(busrt::as_bytes(payload), form);
}

TEST(Payload, AJsonObjectIsShownAsJson) {
  EXPECT_EQ(shown_as(R"({"b":1,"a":"x"})"), "JSON:\n{\n  \"a\": \"x\",\n  \"b\": 1\n}\n");
  EXPECT_EQ(shown_as(R"({"b":1,"a":"x"})", PayloadForm::bare), "{\"a\":\"x\",\"b\":1}\n");
}

TEST(Payload, OtherTextIsShownAsItIs) {
  EXPECT_EQ(shown_as("hello"), "STR:  hello\n");
  EXPECT_EQ(shown_as("hello", PayloadForm::bare), " hello\n");
  EXPECT_EQ(shown_as("[1,2]"), "STR:  [1,2]\n");
  EXPECT_EQ(shown_as(""), "STR:  \n");
  EXPECT_EQ(shown_as("\xC3\xA9"), "STR:  \xC3\xA9\n");
}

TEST(Payload, MessagePackIsShownAsJson) {
  EXPECT_EQ(shown_as("\x81\xA2ok\xC3"), "MSGPACK:\n{\n  \"ok\": true\n}\n");
  EXPECT_EQ(shown_as("\x81\xA2ok\xC3", PayloadForm::bare), "{\"ok\":true}\n");
}

TEST(Payload, OtherBytesAreShownAsHexDigitsOrPassedOnWhenSilent) {
  EXPECT_EQ(shown_as("\x01\x02\xFF"sv), "HEX: 0102ff\n");
  EXPECT_EQ(shown_as("\x01\x02\xFF"sv, PayloadForm::bare), "\x01\x02\xFF");
  const std::string longer(300, '\xEE');
  const std::string text = shown_as(longer);
  EXPECT_EQ(text.size(), "HEX: "sv.size() + 512 + "...\n"sv.size());
  EXPECT_TRUE(text.ends_with("ee...\n"));
}

TEST(Payload, AListenerInSilenceEndsEachPayloadWithItsLine) {
  EXPECT_EQ(shown_as(R"({"b":1,"a":"x"})", PayloadForm::line), "{\"a\":\"x\",\"b\":1}\n");
  EXPECT_EQ(shown_as("\x81\xA2ok\xC3", PayloadForm::line), "{\"ok\":true}\n");
  EXPECT_EQ(shown_as("\x01\x02\xFF"sv, PayloadForm::line), "0102ff\n");
}

TEST(Payload, NumbersAndRepeatedKeysOfJsonStayAsTheyCame) {
  EXPECT_EQ(shown_as(R"({"n":12345678901234567890123, "a":1, "f":1.10, "a":[2,1e3]})", PayloadForm::bare),
            "{\"a\":1,\"a\":[2,1e3],\"f\":1.10,\"n\":12345678901234567890123}\n");
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
