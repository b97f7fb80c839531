// Params read token by token.
#include <gtest/gtest.h>

#include <boost/json/value.hpp>
#include <vector>

#include "busrt/limits.hpp"
#include "busrt/msgpack.hpp"
#include "msgpack/reader.hpp"

namespace busrt::msgpack {
namespace {

namespace json = boost::json;

TEST(MsgpackReader, ReadsAMapOfParamsAndSkipsWhatItDoesNotKnow) {
  const auto bytes =
      encode({{"list", {1, {{"deep", {2, 3}}}}}, {"name", "a"}, {"count", 7}, {"none", nullptr}});
  auto reader = Reader::of(bytes);
  ASSERT_TRUE(reader);
  ASSERT_EQ(reader->map(), 4U);
  EXPECT_EQ(reader->string(), "list");
  reader->skip();
  EXPECT_EQ(reader->string(), "name");
  EXPECT_EQ(reader->string(), "a");
  EXPECT_EQ(reader->string(), "count");
  EXPECT_EQ(reader->unsigned_integer(), 7U);
  EXPECT_EQ(reader->string(), "none");
  EXPECT_TRUE(reader->nil());
}

TEST(MsgpackReader, ATokenOfAnotherKindStays) {
  const auto bytes = encode(json::value("text"));
  auto reader = Reader::of(bytes);
  ASSERT_TRUE(reader);
  EXPECT_FALSE(reader->map());
  EXPECT_FALSE(reader->unsigned_integer());
  EXPECT_FALSE(reader->nil());
  EXPECT_EQ(reader->string(), "text");
}

TEST(MsgpackReader, ANegativeNumberIsNoUnsignedInteger) {
  const auto bytes = encode(json::value(-1));
  auto reader = Reader::of(bytes);
  ASSERT_TRUE(reader);
  EXPECT_FALSE(reader->unsigned_integer());
}

TEST(MsgpackReader, TakesNothingButOneWholeValue) {
  EXPECT_FALSE(Reader::of({}));
  auto bytes = encode({{"a", "text"}});
  EXPECT_FALSE(Reader::of(std::span(bytes).first(bytes.size() - 1)));
  bytes.push_back(std::byte{0xC0});
  EXPECT_FALSE(Reader::of(bytes));
  EXPECT_FALSE(Reader::of(std::vector<std::byte>{std::byte{0xC1}}));
  EXPECT_FALSE(Reader::of(std::vector<std::byte>(limits::max_msgpack_depth + 2, std::byte{0x91})));
}

}  // namespace
}  // namespace busrt::msgpack
