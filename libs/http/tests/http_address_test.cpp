// Addresses to listen on, and hosts that requests name.
#include <gtest/gtest.h>

#include "address.hpp"

namespace busrt::http {
namespace {

TEST(HttpAddress, TakesIpAddressesAndLocalhost) {
  const auto named = parse_endpoint("localhost:80", "view", "");
  ASSERT_TRUE(named);
  EXPECT_EQ(named->address().to_string(), "127.0.0.1");
  EXPECT_EQ(named->port(), 80);
  const auto six = parse_endpoint("[::1]:0", "view", "");
  ASSERT_TRUE(six);
  EXPECT_TRUE(six->address().is_v6());
  EXPECT_TRUE(parse_endpoint("192.0.2.1:1", "view", ""));
}

TEST(HttpAddress, RefusesWhatIsNoAddressAndNamesIt) {
  for (const char* text :
       {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "127.0.0.1:x", "host.example:1"}) {
    const auto parsed = parse_endpoint(text, "view", "");
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, std::make_error_code(std::errc::invalid_argument)) << text;
    EXPECT_TRUE(parsed.error().message.starts_with("view address '" + std::string(text) + "': "));
  }
}

TEST(HttpAddress, RefusesOtherHostsForTheReasonThatIsGiven) {
  const auto parsed = parse_endpoint("0.0.0.0:1", "view", "it shows secrets");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, std::make_error_code(std::errc::permission_denied));
  EXPECT_EQ(parsed.error().message, "view address '0.0.0.0:1': not a loopback address, and it shows secrets");
}

TEST(HttpAddress, KnowsHostsOfThisMachine) {
  for (const char* host : {"", "localhost", "LocalHost:1", "127.0.0.1", "127.1.2.3:4", "[::1]", "[::1]:9"}) {
    EXPECT_TRUE(names_loopback(host)) << host;
  }
  for (const char* host : {"attacker.example", "192.0.2.1:80", "localhost.example", "[2001:db8::1]:9"}) {
    EXPECT_FALSE(names_loopback(host)) << host;
  }
}

}  // namespace
}  // namespace busrt::http
