// Truth tables for connection strings.
#include "busrt/address.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace busrt {
namespace {

using Scheme = Address::Scheme;

struct Accepted {
  std::string_view text;
  Scheme scheme;
  std::string target;
  unsigned port;
};

TEST(Address, EveryNotationNamesItsTransport) {
  const std::vector<Accepted> table = {
      {"localhost:7777", Scheme::plain_tcp, "localhost", 7777},
      {"127.0.0.1:1", Scheme::plain_tcp, "127.0.0.1", 1},
      {"[::1]:65535", Scheme::plain_tcp, "::1", 65535},
      {"fifo:/run/app/fifo", Scheme::fifo, "/run/app/fifo", 0},
      {"fifo:local", Scheme::fifo, "local", 0},
      {"tcp://bus.example:7777", Scheme::tls_tcp, "bus.example", 7777},
      {"tcp://[fe80::1]:7777", Scheme::tls_tcp, "fe80::1", 7777},
      {"ws://bus.example:8080", Scheme::websocket, "bus.example", 8080},
      {"ws://bus.example", Scheme::websocket, "bus.example", 80},
      {"wss://bus.example/", Scheme::secure_websocket, "bus.example", 443},
      {"fd:3", Scheme::descriptor, "3", 0},
      {"systemd:", Scheme::systemd, "", 0},
      {"systemd:bus", Scheme::systemd, "bus", 0},
      {"inproc://agent", Scheme::inproc, "agent", 0},
  };
  for (const Accepted& row : table) {
    const auto address = Address::parse(row.text);
    ASSERT_TRUE(address) << row.text << ": " << address.error().describe();
    EXPECT_EQ(address->scheme, row.scheme) << row.text;
    EXPECT_EQ(address->target, row.target) << row.text;
    EXPECT_EQ(address->port, row.port) << row.text;
  }
}

TEST(Address, WhatNamesNoTransportIsRefusedWithASentenceThatQuotesIt) {
  const std::vector<std::string> table = {
      "",
      "bus",
      "localhost",
      "localhost:",
      ":7777",
      "localhost:0",
      "localhost:65536",
      "localhost:-1",
      "localhost:77x",
      "localhost:4294967297",
      "::1:7777",
      "[::1:7777",
      "[::1]7777",
      "[::1]",
      "some host:7777",
      "dir/host:7777",
      "ipc://",
      "ipc:///run/app/",
      "/run/app/",
      "fd:",
      "fd:x",
      "fd:-1",
      "fd:99999999999",
      "fifo:",
      "fifo:/run/",
      "tcp://",
      "tcp://host",
      "ws://",
      "ws://host/some/path",
      "inproc://",
      "http://host:80",
      "://host",
      "/" + std::string(200, 'x'),
  };
  for (const std::string& text : table) {
    const auto address = Address::parse(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().code, errc::bad_address) << text;
    EXPECT_TRUE(address.error().message.starts_with("address '" + text + "': ")) << address.error().message;
    EXPECT_FALSE(address.error().message.contains("inproc://NAME"))
        << "no address of a command line: " << address.error().message;
  }
}

TEST(Address, AnUnknownSchemeIsNamedWithThoseThatAreKnown) {
  for (const std::string text : {"unix:/run/app", "unix:/run/app/bus.sock", "unix:bus.sock", "ipc:/run/app",
                                 "tcp:/host:1", "unix+x://x", "http://host:80", "file:/x", "UNIX:/x"}) {
    const auto address = Address::parse(text);
    ASSERT_FALSE(address) << text;
    const std::string& message = address.error().message;
    EXPECT_NE(message.find("unknown scheme '" + text.substr(0, text.find(':') + 1)), std::string::npos)
        << message;
    for (const char* known :
         {"ipc://PATH", "HOST:PORT", "fifo:PATH", "tcp://", "ws://", "wss://", "fd:N", "systemd:"}) {
      EXPECT_NE(message.find(known), std::string::npos) << message;
    }
  }
}

TEST(Address, ANameInThePlaceOfAPortMakesASchemeOfWhatStandsBeforeIt) {
  for (const std::string text : {"foo:bar", "unix-abstract:x", "abstract:x:y"}) {
    const auto address = Address::parse(text);
    ASSERT_FALSE(address) << text;
    EXPECT_TRUE(
        address.error().message.contains("unknown scheme '" + text.substr(0, text.find(':') + 1) + "', "))
        << address.error().message;
  }
  for (const char* text : {"host:77x", "host:0", "host:-1"}) {
    EXPECT_TRUE(Address::parse(text).error().message.contains("the port has to be a number")) << text;
  }
}

TEST(Address, ATildeThatNoShellHasExpandedIsRefused) {
  for (const char* text : {"~/x.sock", "~user/x.sock", "~"}) {
    const auto address = Address::parse(text);
    ASSERT_FALSE(address) << text;
    EXPECT_TRUE(address.error().message.contains("~ is expanded by a shell")) << address.error().message;
  }
  EXPECT_TRUE(Address::parse("ipc://a~b.sock", "/run/app"));
}

TEST(Address, ThoseOfBrokersAloneAreNoneOfAClientAndNotNamedToIt) {
  for (const std::string text :
       {"fifo:/run/fifo", "systemd:", "systemd:bus", "nonsense", "", "xy://z", "xy:/z"}) {
    const auto address = Address::parse_for_client(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().code, errc::bad_address);
    const std::string& message = address.error().message;
    EXPECT_TRUE(message.starts_with("address '" + text + "': ")) << message;
    EXPECT_TRUE(message.contains("wss://HOST:PORT or fd:N")) << message;
    EXPECT_FALSE(message.contains("fifo:PATH") || message.contains("systemd:NAME")) << message;
  }
  for (const char* text : {"h:1", "tcp://h:1", "ws://h", "wss://h", "fd:3", "inproc://x"}) {
    EXPECT_EQ(Address::parse_for_client(text).value().scheme, Address::parse(text).value().scheme) << text;
  }
}

TEST(Address, AZeroByteIsRefused) {
  using namespace std::string_view_literals;
  EXPECT_FALSE(Address::parse("/run/a\0b.sock"sv));
  EXPECT_FALSE(Address::parse("host\0:1"sv));
}

}  // namespace
}  // namespace busrt
