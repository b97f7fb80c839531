// Network addresses in rules: what is taken, what is refused with a reason, and who is inside.
#include <gtest/gtest.h>

#include "busrt/access.hpp"

namespace busrt {
namespace {

bool inside(std::string_view hosts, std::string_view host) {
  const auto parsed = AccessHosts::parse(hosts);
  EXPECT_TRUE(parsed) << hosts << ": " << parsed.error().message;
  return parsed && parsed->contains(host);
}

TEST(AccessHosts, of_ipv4) {
  EXPECT_TRUE(inside("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(inside("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(inside("192.168.1.128/25", "192.168.1.129"));
  EXPECT_FALSE(inside("192.168.1.128/25", "192.168.1.127"));
  EXPECT_TRUE(inside("127.0.0.1", "127.0.0.1"));
  EXPECT_FALSE(inside("127.0.0.1", "127.0.0.2"));
  EXPECT_TRUE(inside("0.0.0.0/0", "255.255.255.255"));
  EXPECT_FALSE(inside("0.0.0.0/0", "fd00::1")) << "all of IPv4 is not all of IPv6";
}

TEST(AccessHosts, of_ipv6) {
  EXPECT_TRUE(inside("fd00::/8", "fdff:1:2:3:4:5:6:7"));
  EXPECT_FALSE(inside("fd00::/8", "fe00::1"));
  EXPECT_TRUE(inside("::1", "0:0:0:0:0:0:0:1"));
  EXPECT_TRUE(inside("2001:db8:0:8000::/49", "2001:db8:0:ffff::"));
  EXPECT_FALSE(inside("2001:db8:0:8000::/49", "2001:db8:0:7fff::"));
  EXPECT_TRUE(inside("::/0", "fd00::1"));
  EXPECT_TRUE(inside("fe80::/10", "fe80::1%eth0")) << "the zone is no part of the address";
  EXPECT_TRUE(inside("::1", "[::1]"));
}

TEST(AccessHosts, an_ipv4_peer_of_a_dual_stack_socket_is_an_ipv4_peer) {
  EXPECT_TRUE(inside("10.0.0.0/8", "::ffff:10.1.2.3"));
  EXPECT_TRUE(inside("10.0.0.0/8", "::ffff:a01:203"));
  EXPECT_TRUE(inside("::ffff:10.0.0.0/104", "10.1.2.3"));
}

TEST(AccessHosts, a_name_or_nonsense_is_inside_of_nothing) {
  for (const char* host : {"", "localhost", "10.0.0", "10.0.0.1.2", "1::2::3", "[", "[]", "%"}) {
    EXPECT_FALSE(inside("0.0.0.0/0", host)) << host;
    EXPECT_FALSE(inside("::/0", host)) << host;
  }
}

TEST(AccessHosts, mistakes_are_refused) {
  for (const char* text : {"",
                           "/8",
                           "10.0.0.0/",
                           "10.0.0.0/33",
                           "10.0.0.0/08",
                           "10.0.0.0/8/8",
                           "10.0.0.0/-1",
                           "010.0.0.1",
                           "256.0.0.1",
                           "10.0.0",
                           "10..0.1",
                           "10.0.0.1 ",
                           "fd00::/129",
                           "fd00:::1",
                           ":1",
                           "1:",
                           "1:2:3:4:5:6:7",
                           "12345::",
                           "1:2:3:4:5:6:7:8:9",
                           "1:2:3:4:5:6:7::8",
                           "::1.2.3",
                           "1.2.3.4::",
                           "localhost",
                           "fe80::1%eth0",
                           "*"}) {
    EXPECT_FALSE(AccessHosts::parse(text)) << text;
  }
}

TEST(AccessHosts, bits_after_the_prefix_are_a_mistake_that_is_told) {
  for (const char* text : {"10.0.0.1/8", "192.168.1.129/25", "fd00::1/64", "::ffff:10.0.0.1/104"}) {
    const auto hosts = AccessHosts::parse(text);
    ASSERT_FALSE(hosts) << text;
    EXPECT_TRUE(hosts.error().message.contains("after its prefix")) << hosts.error().message;
  }
}

}  // namespace
}  // namespace busrt
