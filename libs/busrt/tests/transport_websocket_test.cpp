// ws:// and wss://: the upgrade, the token, and what a hostile peer costs. Requests are written byte by byte,
// since our own client makes none that are wrong.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "broker_fixture.hpp"
#include "busrt/blocking_client.hpp"
#include "busrt_testing/certificates.hpp"
#include "busrt_testing/scripted_peer.hpp"
#include "client/transports.hpp"
#include "client_fixture.hpp"

namespace busrt {
namespace {

using std::chrono::milliseconds;

const std::string upgrade_lines =
    "Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

std::string request(const std::string& more = {}) {
  return "GET / HTTP/1.1\r\n" + upgrade_lines + more + "\r\n";
}

/// A binary message of a client, masked with zeros.
std::string binary(std::string_view payload, char opcode = '\x82') {
  std::string frame{opcode, static_cast<char>(0x80U | payload.size())};
  return frame + std::string(4, '\0') + std::string(payload);
}

class WebSockets : public testing::Test {
 protected:
  void start(BrokerConfig config = {}, const std::string& scheme = "ws") {
    config.log = [this](busrt::base::LogLevel, std::string_view line) {
      const std::lock_guard lock(mutex);
      log += std::string(line) + "\n";
    };
    broker = std::make_unique<Broker>(std::move(config));
    Result<> bound;
    do {
      port = busrt_testing::free_tcp_port();
      address = scheme + "://127.0.0.1:" + std::to_string(port);
      bound = broker->listen(address);
    } while (!bound && bound.error().code == std::errc::address_in_use);
    ASSERT_TRUE(bound) << bound.error().describe();
  }
  [[nodiscard]] ClientConfig config(const std::string& name, const std::string& token = {}) const {
    ClientConfig made{.name = name, .address = address};
    if (!token.empty()) made.token = token;
    return made;
  }
  static Result<> outcome(const ClientConfig& config) { return BlockingClient(config).connect(); }
  [[nodiscard]] WireClient raw() const { return WireClient(busrt_testing::connect_tcp(port)); }
  /// What the broker answers before it closes; empty bytes at the end.
  static std::string answer_to(WireClient peer, const std::string& bytes) {
    peer.write_raw(bytes);
    std::string all;
    for (auto part = peer.read_raw(); !part.empty(); part = peer.read_raw()) {
      all.append(reinterpret_cast<const char*>(part.data()), part.size());
    }
    return all;
  }
  [[nodiscard]] bool logged(std::string_view words) {
    return eventually([&] {
      const std::lock_guard lock(mutex);
      return log.find(words) != std::string::npos;
    });
  }
  [[nodiscard]] std::uint64_t refused(RefusalReason reason = RefusalReason::websocket) const {
    return broker->stats().refused[static_cast<std::size_t>(reason)];
  }
  [[nodiscard]] ClientInfo info(std::string_view name) const {
    for (const ClientInfo& client : broker->clients()) {
      if (client.name == name) return client;
    }
    return {};
  }

  busrt_testing::TemporaryDirectory directory;
  std::mutex mutex;
  std::string log;
  std::string address;
  std::unique_ptr<Broker> broker;
  unsigned port = 0;
};

TEST_F(WebSockets, AClientIsListedAsOneWithWhereItCameFrom) {
  start();
  BlockingClient client(config("app"));
  ASSERT_TRUE(client.connect());
  const auto clients = broker->clients();
  const auto app = std::ranges::find(clients, "app", &ClientInfo::name);
  ASSERT_NE(app, clients.end());
  EXPECT_EQ(app->kind, "websocket");
  EXPECT_TRUE(app->source && app->source->starts_with("127.0.0.1:"));
  EXPECT_EQ(app->port, "127.0.0.1:" + std::to_string(port));
}

TEST_F(WebSockets, TheTokenIsCheckedWhereThereIsOne) {
  BrokerConfig with_token;
  with_token.token = "right";
  start(with_token);
  EXPECT_TRUE(outcome(config("app", "right")));
  EXPECT_EQ(code_of(outcome(config("app", "wrong"))), errc::access);
  EXPECT_TRUE(logged("its bearer token is not the right one"));
  EXPECT_EQ(code_of(outcome(config("app"))), errc::access);
  EXPECT_TRUE(logged("no bearer token"));
  EXPECT_NE(answer_to(raw(), request("Authorization: Basic right\r\n")).find("401"), std::string::npos);
  EXPECT_EQ(refused(), 3U);
}

TEST_F(WebSockets, AClientThatMeetsNoWebSocketSaysSo) {
  start();
  // A broker without WebSockets in the same place speaks first, and not HTTP.
  Broker plain;
  const unsigned other = busrt_testing::free_tcp_port();
  ASSERT_TRUE(plain.listen("127.0.0.1:" + std::to_string(other)));
  auto wrong = config("app");
  wrong.address = "ws://127.0.0.1:" + std::to_string(other);
  const auto met = outcome(wrong);
  EXPECT_EQ(code_of(met), errc::io);
  EXPECT_TRUE(met.error().message.contains("addressed as HOST:PORT, without ws://")) << met.error().message;
}

TEST_F(WebSockets, AClientThatMeetsNoTlsSaysSo) {
  start();
  auto wrong = config("app");
  wrong.address = "wss://127.0.0.1:" + std::to_string(port);
  const auto met = outcome(wrong);
  EXPECT_EQ(code_of(met), errc::tls);
  EXPECT_TRUE(met.error().message.contains("a listener without TLS is addressed as ws://HOST:PORT"))
      << met.error().message;
}

TEST_F(WebSockets, PagesOfForeignOriginsAreRefused) {
  BrokerConfig listed;
  listed.websocket_origins = {"https://App.Example:443", "http://tools.example:8080"};
  start(listed);
  const std::string own = "127.0.0.1:" + std::to_string(port);
  const auto status_for = [this](const std::string& fields) {
    return answer_to(raw(), request(fields)).substr(9, 3);
  };
  // An accepted one stays open, so its first bytes alone are read.
  const auto is_accepted = [this](const std::string& fields) {
    WireClient peer = raw();
    peer.write_raw(request(fields));
    const auto answer = peer.read_raw();
    return std::string(reinterpret_cast<const char*>(answer.data()), answer.size())
        .starts_with("HTTP/1.1 101");
  };
  EXPECT_TRUE(is_accepted(""));
  EXPECT_TRUE(is_accepted("Origin: https://app.example\r\n"));
  EXPECT_TRUE(is_accepted("Origin: http://tools.example:8080\r\n"));
  const std::vector<std::string> foreign{
      "Origin: https://evil.example\r\n", "Origin: http://app.example\r\n",
      "Origin: https://app.example.evil.example\r\n", "Origin: http://tools.example\r\n", "Origin: null\r\n",
      "Origin: \r\n",
      // The broker serves no pages: its own origin is a rebound name, or a proxy.
      "Origin: http://" + own + "\r\n", "Origin: https://app.example\r\nOrigin: https://evil.example\r\n"};
  for (const std::string& fields : foreign) EXPECT_EQ(status_for(fields), "403") << fields;
  EXPECT_EQ(refused(RefusalReason::origin), foreign.size());
  EXPECT_EQ(refused(), 0U);
  EXPECT_TRUE(logged("a web page of the origin https://evil.example, which is not listed"));
  EXPECT_TRUE(outcome(config("app")));
}

TEST_F(WebSockets, WithoutAListNoPageMayConnect) {
  start();
  EXPECT_EQ(answer_to(raw(), request("Origin: https://app.example\r\n")).substr(9, 3), "403");
  EXPECT_EQ(refused(RefusalReason::origin), 1U);
}

TEST_F(WebSockets, TheTokenCanBeReplacedWhileClientsAreConnected) {
  BrokerConfig with_token;
  with_token.token = "first";
  start(with_token);
  BlockingClient early(config("early", "first"));
  ASSERT_TRUE(early.connect());
  ASSERT_TRUE(broker->set_token("second"));
  EXPECT_EQ(code_of(outcome(config("app", "first"))), errc::access);
  EXPECT_TRUE(outcome(config("app", "second")));
  EXPECT_TRUE(early.publish("x", {}));
  for (const char* bad : {"", "t\r", " t"}) EXPECT_EQ(code_of(broker->set_token(bad)), errc::data);
  EXPECT_TRUE(outcome(config("app", "second")));
  start();
  EXPECT_EQ(code_of(broker->set_token("second")), errc::not_supported);
}

TEST_F(WebSockets, AnEmptySecurityOptionOpensNoListener) {
  std::vector<BrokerConfig> wrong(3);
  wrong[0].token = "";
  wrong[1].tls.authority = "";
  wrong[2].websocket_origins = {"*"};
  for (const BrokerConfig& config : wrong) {
    Broker refusing(config);
    const auto bound = refusing.listen("ws://127.0.0.1:" + std::to_string(busrt_testing::free_tcp_port()));
    ASSERT_FALSE(bound);
    EXPECT_EQ(code_of(bound), errc::data);
    EXPECT_TRUE(bound.error().message.contains("BrokerConfig::")) << bound.error().message;
  }
}

TEST_F(WebSockets, AClientRefusesASecurityOptionThatItsConnectionDoesNotUse) {
  start();
  auto wrong = config("app");
  wrong.tls.authority = "ca.pem";
  auto met = outcome(wrong);
  EXPECT_EQ(code_of(met), errc::bad_address);
  EXPECT_TRUE(met.error().message.contains("ClientConfig::tls.authority has no effect at " + address))
      << met.error().message;
  ClientConfig local{.name = "app"};
  local.endpoint = broker->local();
  local.token = "right";
  EXPECT_EQ(code_of(outcome(local)), errc::bad_address);
  auto injected = config("app", "right\r\nX-Header: y");
  met = outcome(injected);
  EXPECT_TRUE(met.error().message.contains("token holds a control character")) << met.error().message;
}

TEST_F(WebSockets, RequestsThatAskForNoWebSocketAreAnsweredAndClosed) {
  start();
  EXPECT_NE(answer_to(raw(), "GET / HTTP/1.1\r\nHost: x\r\n\r\n").find("426"), std::string::npos);
  EXPECT_NE(answer_to(raw(), request() + "early").find("400"), std::string::npos);
  EXPECT_EQ(answer_to(raw(), "no HTTP at all\r\n\r\n"), "");
  EXPECT_TRUE(logged("no HTTP request"));
  EXPECT_EQ(refused(), 3U);
}

TEST_F(WebSockets, ARequestThatDoesNotEndIsCutAtTheLimit) {
  start();
  WireClient peer = raw();
  peer.write_raw("GET / HTTP/1.1\r\n");
  const std::string line = "X-Header: " + std::string(1'000, 'x') + "\r\n";
  std::size_t sent = 0;
  try {
    for (; sent < 100 * limits::websocket_handshake_bytes; sent += line.size()) peer.write_raw(line);
  } catch (const std::exception&) {
    // The kernel may take all of it before the broker's end is known here, or not.
  }
  EXPECT_TRUE(eventually([&] { return refused() == 1; }));
  EXPECT_TRUE(peer.wait_for_close());
}

TEST_F(WebSockets, APeerThatStallsInItsRequestIsClosedInTime) {
  start({.timeout = milliseconds(300), .log = {}});
  const std::string whole = request();
  std::uint64_t count = 0;
  for (std::size_t length = 0; length < whole.size(); length += 37) {
    WireClient peer = raw();
    if (length != 0) peer.write_raw(std::string_view(whole).substr(0, length));
    EXPECT_TRUE(peer.wait_for_close());
    ++count;
  }
  EXPECT_TRUE(eventually([&] { return refused() == count; }));
  EXPECT_TRUE(logged("not upgraded in time"));
}

TEST_F(WebSockets, OneThatIsUpgradedAndSaysNothingIsClosedInTime) {
  start({.timeout = milliseconds(300), .log = {}});
  EXPECT_NE(answer_to(raw(), request()).find("101"), std::string::npos);
}

TEST_F(WebSockets, MessagesMayCutTheStreamAnywhere) {
  start();
  WireClient peer = raw();
  peer.write_raw(request());
  // What comes before the answer is too early.
  std::string answer;
  while (answer.find("\r\n\r\n") == std::string::npos) {
    const auto part = peer.read_raw();
    ASSERT_FALSE(part.empty()) << answer;
    answer.append(reinterpret_cast<const char*>(part.data()), part.size());
  }
  std::string handshake("\xEB\x01\x00\x04\x00", 5);
  handshake += "slow";
  for (const char& byte : handshake) peer.write_raw(binary(std::string_view(&byte, 1)));
  EXPECT_TRUE(eventually([&] { return broker->stats().clients == 1; }));
}

TEST_F(WebSockets, WhatAClientIsSendingIsUnderWayUntilItCountsAsTaken) {
  start();
  detail::LoopThread loop{{}};
  const auto executor = loop.context().get_executor();
  const auto broker_address = Address::parse("127.0.0.1:" + std::to_string(port));
  ASSERT_TRUE(broker_address);
  const auto socket =
      value_of(asio::co_spawn(executor, detail::connect_tcp(*broker_address), asio::use_future));
  ASSERT_TRUE(socket) << socket.error().describe();
  transport::WebSocketTarget target{.host = "127.0.0.1", .port = port, .timeout = busrt_testing::patience};
  const auto connected = value_of(asio::co_spawn(
      executor, transport::connect_websocket(executor, *socket, std::move(target)), asio::use_future));
  ASSERT_TRUE(connected) << connected.error().describe();
  transport::WebSocketChannel& channel = **connected;

  const auto greeting = as_bytes(busrt_testing::ScriptedPeer::greeting);
  EXPECT_EQ(channel.under_way(), 0U);
  EXPECT_EQ(code_of(channel.write(greeting)), errc::would_block);
  EXPECT_EQ(channel.under_way(), greeting.size());
  std::promise<void> room;
  channel.wait_writable([&room] { room.set_value(); });
  ASSERT_EQ(room.get_future().wait_for(busrt_testing::patience), std::future_status::ready);
  EXPECT_EQ(channel.under_way(), greeting.size()) << "sent, and not told yet";
  EXPECT_EQ(channel.write(greeting), greeting.size());
  EXPECT_EQ(channel.under_way(), 0U);
}

TEST_F(WebSockets, TextMessagesAndRandomFramesDisturbNobody) {
  start();
  BlockingClient witness(config("witness"));
  ASSERT_TRUE(witness.connect());
  std::mt19937 random(11);
  std::vector<std::string> inputs{binary("text", '\x81'), std::string("\xFF\xFF\xFF\xFF", 4),
                                  std::string("\x82\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 10)};
  for (int round = 0; round < 40; ++round) {
    std::string bytes;
    for (int i = 0; i < 500; ++i) bytes += static_cast<char>(random());
    inputs.push_back(bytes);
  }
  for (const std::string& bytes : inputs) {
    WireClient peer = raw();
    try {
      peer.write_raw(request());
      (void)peer.read_raw();
      peer.write_raw(bytes);
    } catch (const std::exception&) {
      // Closed while we wrote: it had seen enough.
    }
    ASSERT_TRUE(witness.publish("x", {}));
  }
  EXPECT_TRUE(eventually([&] { return broker->stats().clients == 1; }));
}

TEST_F(WebSockets, ASecureOneIsProvedByACertificateOrByTheToken) {
  busrt_testing::CertificateAuthority authority(directory.path(), "authority");
  BrokerConfig secure;
  secure.tls = authority.issue("broker", {.common_name = "broker", .alternative = "IP:127.0.0.1"});
  start(secure, "wss");
  auto bare = config("app");
  bare.tls.authority = authority.file();
  EXPECT_EQ(code_of(outcome(bare)), errc::certificate_required);
  auto proved = config("app");
  proved.tls = authority.issue("app", {.common_name = "app"});
  EXPECT_TRUE(outcome(proved));
  proved.name = "admin";
  const auto refused = outcome(proved);
  EXPECT_EQ(code_of(refused), errc::access);
  EXPECT_TRUE(refused.error().message.contains("its certificate is for app, its name is admin"))
      << refused.error().message;

  secure.token = "right";
  start(secure, "wss");
  bare = config("app", "right");
  bare.tls.authority = authority.file();
  EXPECT_TRUE(outcome(bare));
  bare.token = "wrong";
  EXPECT_EQ(code_of(outcome(bare)), errc::access);
  bare.token = "right";
  bare.server_name = "elsewhere";
  EXPECT_EQ(code_of(outcome(bare)), errc::certificate_name);
  EXPECT_TRUE(logged("TLS: "));
}

TEST_F(WebSockets, AReloadOfRevocationsClosesTheClientsThatTheyName) {
  busrt_testing::CertificateAuthority authority(directory.path(), "authority");
  BrokerConfig secure;
  secure.tls = authority.issue("broker", {.common_name = "broker", .alternative = "IP:127.0.0.1"});
  secure.tls.revocations = authority.revoke("revoked", {});
  start(secure, "wss");
  auto proved = config("app");
  proved.tls = authority.issue("app", {.common_name = "app"});
  proved.reconnect.enabled = false;
  BlockingClient client(proved);
  ASSERT_TRUE(client.connect());
  (void)authority.revoke("revoked", {proved.tls});
  ASSERT_TRUE(broker->reload_certificates());
  EXPECT_TRUE(logged("access revoked: its certificate (CN = app) has been revoked"));
  EXPECT_TRUE(eventually([&] { return broker->clients().empty(); }));
  EXPECT_EQ(code_of(outcome(proved)), errc::certificate_revoked);
}

TEST_F(WebSockets, AClientWaitsForTheUpgradeAsLongAsItsTimeoutSays) {
  // The kernel takes the connection; nothing answers. Longer than the limit that Beast has for the close.
  asio::io_context context;
  const asio::ip::tcp::acceptor silent(context, {asio::ip::address_v4::loopback(), 0});
  ClientConfig patient{.name = "patient",
                       .address = "ws://127.0.0.1:" + std::to_string(silent.local_endpoint().port())};
  patient.timeout = limits::websocket_goodbye + milliseconds(500);
  const auto connected = outcome(patient);
  ASSERT_FALSE(connected);
  EXPECT_EQ(connected.error().code, errc::timeout);
  EXPECT_TRUE(connected.error().message.contains("connecting took too long")) << connected.error().describe();
}

TEST_F(WebSockets, ShuttingDownWritesOutWhatIsQueuedAndEndsSilentPeers) {
  start();
  auto once = config("app");
  once.reconnect.enabled = false;
  BlockingClient client(once);
  ASSERT_TRUE(client.connect());
  WireClient stalled = raw();
  stalled.write_raw("GET /");
  broker->shutdown(std::chrono::seconds(2));
  // The announcement came before the end.
  const auto frame = client.receive(busrt_testing::patience);
  ASSERT_TRUE(frame) << frame.error().describe();
  EXPECT_EQ(frame->topic(), broker_warn_topic);
  EXPECT_EQ(code_of(client.receive(busrt_testing::patience)), errc::io);
  EXPECT_TRUE(stalled.wait_for_close());
}

TEST_F(WebSockets, ConnectionsAreLimitedFromAcceptOnAndCountedOnce) {
  start({.timeout = std::chrono::seconds(2), .max_connections = 3, .log = {}});
  BlockingClient client(config("app"));
  ASSERT_TRUE(client.connect());
  EXPECT_EQ(broker->stats().connections, 1U);
  WireClient second = raw();
  WireClient third = raw();
  second.write_raw("GET /");
  ASSERT_TRUE(eventually([&] { return broker->stats().connections == 3; }));
  WireClient fourth = raw();
  EXPECT_TRUE(fourth.wait_for_close());
  EXPECT_EQ(refused(RefusalReason::too_many), 1U);
  EXPECT_TRUE(logged("there are 3, the limit in all"));
  // Those that are not upgraded in time make room.
  EXPECT_TRUE(second.wait_for_close());
  EXPECT_TRUE(eventually([&] { return broker->stats().connections == 1; }));
  EXPECT_TRUE(outcome(config("again")));
}

TEST_F(WebSockets, OneForWhichTheBudgetHasNoRoomIsRefusedAndOneThatIsNotUpgradedGoesFirst) {
  constexpr std::uint64_t each = limits::connection_bytes + limits::websocket_connection_bytes;
  start({.timeout = std::chrono::seconds(60), .memory_bytes = 3 * each, .log = {}});
  WireClient first = raw();
  WireClient second = raw();
  ASSERT_TRUE(eventually([&] { return broker->stats().memory_bytes == 2 * each; }));
  WireClient inside(busrt_testing::connect_inproc(broker->local()), "inside");
  WireClient third = raw();
  EXPECT_TRUE(third.wait_for_close());
  EXPECT_EQ(refused(RefusalReason::over_memory), 1U);
  // Most of a frame of the program's own client needs more than is left.
  inside.write_raw(std::string("\1\0\0\0\1\0\0\2\0t\0", 11) + std::string(each + each / 2, 'x'));
  EXPECT_TRUE(first.wait_for_close());
  EXPECT_TRUE(eventually([&] { return refused(RefusalReason::over_memory) >= 2; }));
}

TEST_F(WebSockets, WhatItsPipesHoldIsChargedAndWhatIsLeftInThemIsCounted) {
  BrokerConfig limited;
  limited.slow_consumer = SlowConsumer::drop;
  limited.queue_frames = 1000;
  start(limited);
  BlockingClient publisher({.name = "publisher", .endpoint = broker->local()});
  ASSERT_TRUE(publisher.connect());
  {
    WireClient peer = raw();
    peer.write_raw(request());
    (void)peer.read_raw();
    std::string handshake("\xEB\x01\x00\x04\x00", 5);
    handshake += "slow";
    peer.write_raw(binary(handshake));
    peer.write_raw(binary(std::string("\x01\0\0\0\x82\x01\0\0\0t", 10)));
    ASSERT_TRUE(eventually([&] { return info("slow").frames_in == 1; }));
    EXPECT_LT(info("slow").memory_bytes, 64U << 10) << "idle pipes hold nothing";
    // It does not read: what the system takes is full at some time, and then the pipe, and then the queue.
    const std::string payload(1000, 'x');
    while (info("slow").lost[static_cast<std::size_t>(LossCause::queue_full)] == 0) {
      for (int i = 0; i < 500; ++i) ASSERT_TRUE(publisher.publish("t", std::as_bytes(std::span(payload))));
    }
    const auto held = info("slow").memory_bytes;
    EXPECT_GE(held, limits::websocket_connection_bytes + limits::websocket_pipe_bytes + 1000 * 1000);
    EXPECT_LE(held, limits::websocket_connection_bytes + 3 * limits::websocket_pipe_bytes + 1500 * 1000);
    peer.close();
  }
  // The queue, a pipe, and at most as much on its way to the socket.
  const std::uint64_t in_pipe = limits::websocket_pipe_bytes / 1020;
  EXPECT_TRUE(eventually([&] { return broker->stats().connections == 0; }));
  const auto lost = broker->stats().lost[static_cast<std::size_t>(LossCause::receiver_closed)];
  EXPECT_GE(lost, 1000 + in_pipe * 3 / 4);
  EXPECT_LE(lost, 1000 + 2 * in_pipe + 2);
  publisher.disconnect();
  EXPECT_TRUE(eventually([&] { return broker->stats().memory_bytes == 0; })) << broker->stats().memory_bytes;
}

}  // namespace
}  // namespace busrt
