// Plain TCP listeners and adopted descriptors.
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "broker_fixture.hpp"
#include "busrt/blocking_client.hpp"
#include "busrt_testing/certificates.hpp"
#include "client_fixture.hpp"

namespace busrt {
namespace {

/// Listens at the first free port of `host`; returns the address.
std::string listen_somewhere(Broker& broker, const std::string& host) {
  for (;;) {
    std::string address = host + ":" + std::to_string(busrt_testing::free_tcp_port());
    const auto bound = broker.listen(address);
    if (bound) return address;
    if (bound.error().code != std::errc::address_in_use) throw std::runtime_error(bound.error().describe());
  }
}

Result<> outcome(const std::string& name, const std::string& address) {
  return BlockingClient(ClientConfig{.name = name, .address = address}).connect();
}

bool has_ipv6() {
  const int probe = ::socket(AF_INET6, SOCK_STREAM, 0);
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_addr = in6addr_loopback;
  const bool there = probe >= 0 && ::bind(probe, reinterpret_cast<const sockaddr*>(&six), sizeof six) == 0;
  ::close(probe);
  return there;
}

TEST(TcpListener, OnlyLoopbackIsBoundWithoutTlsUnlessItIsAllowed) {
  Broker careful;
  for (const char* scheme : {"", "ws://"}) {
    const auto refused = careful.listen(std::string(scheme) + "0.0.0.0:17777");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::access);
    EXPECT_NE(refused.error().message.find("0.0.0.0:17777"), std::string::npos);
    EXPECT_NE(refused.error().message.find("--insecure-tcp"), std::string::npos);
  }
  BrokerConfig open;
  open.insecure_tcp = true;
  Broker broker(open);
  const std::string address = listen_somewhere(broker, "0.0.0.0");
  EXPECT_TRUE(outcome("app", "127.0.0.1" + address.substr(address.find(':'))));
}

TEST(TcpListener, Ipv6PeersComeInAndAreListedInBrackets) {
  if (!has_ipv6()) GTEST_SKIP() << "this host has no IPv6";
  Broker broker;
  const std::string address = listen_somewhere(broker, "[::1]");
  BlockingClient client(ClientConfig{.name = "six", .address = address});
  ASSERT_TRUE(client.connect());
  const auto clients = broker.clients();
  const auto found = std::ranges::find(clients, "six", &ClientInfo::name);
  ASSERT_NE(found, clients.end());
  EXPECT_EQ(found->kind, "tcp");
  EXPECT_TRUE(found->source && found->source->starts_with("[::1]:"));
  EXPECT_EQ(found->port, address);
}

TEST(TcpListener, AnAddressThatCannotBeBoundIsNamedWithTheReason) {
  Broker first;
  const std::string taken = listen_somewhere(first, "127.0.0.1");
  Broker second;
  for (const std::string& address : {taken, "ws://" + taken}) {
    const auto refused = second.listen(address);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, std::errc::address_in_use);
    EXPECT_NE(refused.error().message.find(taken), std::string::npos);
  }
  const auto nowhere = second.listen("no.such.host.invalid:7777");
  ASSERT_FALSE(nowhere);
  EXPECT_NE(nowhere.error().message.find("no.such.host.invalid:7777"), std::string::npos);
}

TEST(TcpListener, ListenersOfEveryKindServeOneBus) {
  const TemporaryDirectory directory;
  Broker broker;
  ASSERT_TRUE(broker.listen((directory.path() / "bus.sock").string()));
  const std::string tcp = listen_somewhere(broker, "127.0.0.1");
  const std::string web = listen_somewhere(broker, "ws://127.0.0.1");
  BlockingClient receiver(
      ClientConfig{.name = "receiver", .address = (directory.path() / "bus.sock").string()});
  ASSERT_TRUE(receiver.connect());
  for (const std::string& address : {tcp, web}) {
    BlockingClient sender(ClientConfig{.name = "sender", .address = address});
    ASSERT_TRUE(sender.connect());
    EXPECT_TRUE(sender.send("receiver", as_bytes(address)));
    EXPECT_EQ(receiver.receive(busrt_testing::patience)->text(), address);
  }
}

TEST(TcpListener, AccessRulesKnowANetworkClientByItsAddressWithoutThePort) {
  BrokerConfig config;
  auto rules = AccessRules::parse(
      "[[client]]\nname = 'near'\nhosts = ['127.0.0.0/8', '::1']\n"
      "[[client]]\nname = 'far'\nhosts = ['10.0.0.0/8', 'fd00::/8', '::ffff:10.0.0.0/104', 'local']\n",
      "rules.toml");
  ASSERT_TRUE(rules) << rules.error().message;
  config.access = std::make_shared<const AccessRules>(*std::move(rules));
  Broker broker(config);
  std::vector<std::string> hosts{"127.0.0.1", "ws://127.0.0.1"};
  if (has_ipv6()) hosts.insert(hosts.end(), {"[::1]", "ws://[::1]"});
  for (const std::string& host : hosts) {
    const std::string address = listen_somewhere(broker, host);
    const auto near = outcome("near", address);
    EXPECT_TRUE(near) << address << ": " << near.error().describe();
    EXPECT_EQ(code_of(outcome("far", address)), errc::access) << address;
  }
}

TEST(Adopting, AConnectedDescriptorBecomesAClientsConnection) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  Broker broker;
  ASSERT_TRUE(broker.adopt(ends[0]));
  BlockingClient client(ClientConfig{.name = "child", .address = "fd:" + std::to_string(ends[1])});
  ASSERT_TRUE(client.connect());
  EXPECT_TRUE(client.publish("x", {}));
  EXPECT_EQ(broker.clients().back().kind, "local_ipc");
  ASSERT_TRUE(client.disconnect());
  EXPECT_TRUE(eventually([&] { return broker.stats().clients == 0; }));
  ::close(ends[1]);
}

TEST(Adopting, AListeningDescriptorBecomesAListener) {
  const TemporaryDirectory directory;
  const std::string path = (directory.path() / "bus.sock").string();
  const int listening = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  ASSERT_EQ(::bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listening, 8), 0);
  {
    Broker broker;
    ASSERT_TRUE(broker.listen("fd:" + std::to_string(listening)));
    BlockingClient client(ClientConfig{.name = "app", .address = path});
    ASSERT_TRUE(client.connect());
    EXPECT_EQ(broker.clients().back().port, path);
  }
  EXPECT_TRUE(std::filesystem::exists(path)) << "the file is whoever bound it's";
}

TEST(Adopting, WhatIsNoStreamSocketIsRefusedByItsNumberAndStaysTheCallers) {
  Broker broker;
  const int datagrams = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  const int unconnected = ::socket(AF_UNIX, SOCK_STREAM, 0);
  int pipes[2];
  ASSERT_EQ(::pipe(pipes), 0);
  for (const int wrong : {datagrams, unconnected, pipes[0], 9'999}) {
    const auto refused = broker.adopt(wrong);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_NE(refused.error().message.find("descriptor " + std::to_string(wrong)), std::string::npos)
        << refused.error().message;
  }
  for (const int each : {datagrams, unconnected, pipes[0], pipes[1]}) EXPECT_EQ(::close(each), 0);
}

TEST(Adopting, WithoutSocketsFromSystemdTheAddressIsRefusedWithTheReason) {
  Broker broker;
  const auto refused = broker.listen("systemd:");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::not_supported);
  EXPECT_NE(refused.error().message.find("LISTEN_FDS"), std::string::npos);
  EXPECT_EQ(code_of(outcome("app", "systemd:")), errc::bad_address);
}

}  // namespace
}  // namespace busrt
