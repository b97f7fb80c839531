// What is wrong with security options, without any socket.
#include "transport/security_options.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "busrt/limits.hpp"

namespace busrt {
namespace {

GivenOption given(SecurityOption option, std::string_view text, bool (*serves)(const Address&) = speaks_tls) {
  return {option, text, true, serves, "tcp:// and wss://"};
}

TEST(SecurityOptions, AnEmptyTextIsAMistakeOfEachOfThem) {
  for (const auto option :
       {SecurityOption::token, SecurityOption::certificate, SecurityOption::key, SecurityOption::authority,
        SecurityOption::server_name, SecurityOption::websocket_origins, SecurityOption::revocations}) {
    const std::array options{given(SecurityOption::key, "k.pem"), given(option, "")};
    const auto misuse = find_malformed(options);
    ASSERT_TRUE(misuse) << to_string(option);
    EXPECT_EQ(misuse->option, option);
  }
  const std::array good{given(SecurityOption::key, "k.pem"), given(SecurityOption::token, "a token")};
  EXPECT_FALSE(find_malformed(good));
}

TEST(SecurityOptions, AnOptionIsForAtLeastOneOfTheAddresses) {
  const std::array options{given(SecurityOption::key, "k.pem")};
  const std::vector<std::string> plain{"fd:3", "127.0.0.1:7777", "ws://127.0.0.1:80"};
  const auto misuse = find_unused(options, plain, {});
  ASSERT_TRUE(misuse);
  EXPECT_EQ(misuse->reason,
            "has no effect at fd:3, 127.0.0.1:7777, ws://127.0.0.1:80: it is for tcp:// and wss://");
  const std::vector<std::string> mixed{"fd:3", "wss://127.0.0.1:443"};
  EXPECT_FALSE(find_unused(options, mixed, {}));
  // An address that is none is reported as such, and by others.
  const std::vector<std::string> wrong{"nothing"};
  EXPECT_FALSE(find_unused(options, wrong, {}));
}

TEST(SecurityOptions, ATokenIsOneThatAnHttpRequestCarries) {
  for (const std::string_view good : {"t", "a token", "gr\xC3\xBC\xC3\x9F", "x=~!"}) {
    EXPECT_EQ(token_problem(good), nullptr) << good;
  }
  for (const std::string_view bad : {"", "t\r", "a\nb", " t", "t ", "\x7F", "t\t"}) {
    EXPECT_NE(token_problem(bad), nullptr) << bad;
  }
  EXPECT_EQ(token_problem(std::string(limits::max_token_bytes, 't')), nullptr);
  EXPECT_NE(token_problem(std::string(limits::max_token_bytes + 1, 't')), nullptr);
}

TEST(SecurityOptions, OriginsAreComparedAsBrowsersWriteThem) {
  const std::vector<std::pair<std::string_view, std::string_view>> table{
      {"https://App.Example", "https://app.example"},
      {"https://app.example:443", "https://app.example"},
      {"http://app.example:80", "http://app.example"},
      {"http://app.example:443", "http://app.example:443"},
      {"http://[::1]:8080", "http://[::1]:8080"},
      {"http://[::1]:80", "http://[::1]"},
      {"chrome-extension://abcdef", "chrome-extension://abcdef"}};
  for (const auto& [text, normal] : table) EXPECT_EQ(normal_origin(text), std::string(normal)) << text;
  for (const std::string_view bad :
       {"", "null", "*", "app.example", "https://", "://x", "https://app.example/", "https://a b",
        "https://app.example:", "https://app.example:99999", "https://:80", "https://u@app.example"}) {
    EXPECT_FALSE(normal_origin(bad)) << bad;
  }
}

}  // namespace
}  // namespace busrt
