// Truth tables for connection strings.
#include "busrt/address.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
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
      {"/run/app/bus.sock", Scheme::unix_socket, "/run/app/bus.sock", 0},
      {"/run/app/bus", Scheme::unix_socket, "/run/app/bus", 0},
      {"/odd://name:1", Scheme::unix_socket, "/odd://name:1", 0},
      {"bus.sock", Scheme::unix_socket, "bus.sock", 0},
      {"bus.socket", Scheme::unix_socket, "bus.socket", 0},
      {"run/bus.ipc", Scheme::unix_socket, "run/bus.ipc", 0},
      {"ipc:///run/app/bus.sock", Scheme::unix_socket, "/run/app/bus.sock", 0},
      {"ipc://./bus", Scheme::unix_socket, "./bus", 0},
      {"ipc://daemoneye.sock", Scheme::unix_socket, (runtime_directory() / "daemoneye.sock").string(), 0},
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
  }
}

TEST(Address, AZeroByteIsRefused) {
  using namespace std::string_view_literals;
  EXPECT_FALSE(Address::parse("/run/a\0b.sock"sv));
  EXPECT_FALSE(Address::parse("host\0:1"sv));
}

TEST(Address, ASocketPathMayFillTheSystemsLimitAndNoMore) {
  const std::string longest = "/" + std::string(106, 'x');
  EXPECT_TRUE(Address::parse(longest));
  EXPECT_FALSE(Address::parse(longest + "x"));
}

/// Sets an environment variable for one test.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    ::setenv(name, value, 1);
  }
  ~ScopedVariable() {
    if (before_.empty()) {
      ::unsetenv(name_);
    } else {
      ::setenv(name_, before_.c_str(), 1);
    }
  }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  const char* name_;
  std::string before_;
};

TEST(RuntimeDirectory, IsTheSystemsForRootAndTheUsersForOthers) {
  const ScopedVariable runtime("XDG_RUNTIME_DIR", "/some/runtime");
  EXPECT_EQ(runtime_directory(), ::geteuid() == 0 ? "/run/daemoneye" : "/some/runtime/daemoneye");
}

TEST(RuntimeDirectory, IsAbsoluteEvenWhenTheEnvironmentIsNot) {
  const ScopedVariable runtime("XDG_RUNTIME_DIR", "relative");
  EXPECT_TRUE(runtime_directory().is_absolute());
  EXPECT_NE(runtime_directory().string().find("daemoneye"), std::string::npos);
}

}  // namespace
}  // namespace busrt
