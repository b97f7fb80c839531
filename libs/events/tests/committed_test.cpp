// The committed message: what goes out comes back, and what is wrong is named.
#include "daemoneye/events/committed.hpp"

#include <gtest/gtest.h>

namespace daemoneye::events {
namespace {

TEST(CommittedMessage, ComesBackAsItWas) {
  for (const Committed& one : {Committed{1763940000000000, 4711, 65536}, Committed{1, 0, 0},
                               Committed{1, ~std::uint64_t{0}, std::nullopt}}) {
    const auto decoded = decode_committed(encode_committed(one));
    ASSERT_TRUE(decoded) << decoded.error().describe();
    EXPECT_EQ(*decoded, one);
  }
  EXPECT_EQ(encode_committed({5, 6, 7}), R"({"epoch":5,"seq":6,"credit":7})");
}

TEST(CommittedMessage, AWrongFieldIsNamed) {
  const std::pair<const char*, const char*> cases[] = {{"", "message"},
                                                       {"[]", "message"},
                                                       {R"({"seq":1})", "epoch"},
                                                       {R"({"epoch":1})", "seq"},
                                                       {R"({"epoch":1,"seq":-1})", "seq"},
                                                       {R"({"epoch":"1","seq":1})", "epoch"},
                                                       {R"({"epoch":1,"seq":1.5})", "seq"},
                                                       {R"({"epoch":1,"seq":1,"credit":null})", "credit"}};
  for (const auto& [text, field] : cases) {
    const auto decoded = decode_committed(text);
    ASSERT_FALSE(decoded) << text;
    EXPECT_NE(decoded.error().message.find(field), std::string::npos) << decoded.error().message;
  }
  EXPECT_TRUE(decode_committed(R"({"epoch":1,"seq":1,"later":true})"))
      << "a newer agent may say more than this reader knows";
}

}  // namespace
}  // namespace daemoneye::events
