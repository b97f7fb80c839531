// The numbers as Prometheus reads them, over real HTTP.
#include "busrt/metrics.hpp"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "ack_codes.hpp"
#include "busrt/limits.hpp"
#include "busrt_testing/wire_client.hpp"

namespace busrt {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// Sends `request` and reads to the end.
std::string exchange(unsigned short port, std::string_view request) {
  asio::io_context context;
  tcp::socket socket(context);
  socket.connect({asio::ip::address_v4::loopback(), port});
  boost::system::error_code error;
  asio::write(socket, asio::buffer(request), error);
  std::string answer;
  std::array<char, 4096> room;
  for (;;) {
    const std::size_t got = socket.read_some(asio::buffer(room), error);
    if (error) return answer;
    answer.append(room.data(), got);
  }
}

bool has_line(std::string_view text, const std::string& line) {
  return text.find("\n" + line + "\n") != std::string_view::npos;
}

TEST(PrometheusText, names_each_cause_and_client_and_escapes_labels) {
  BrokerStats stats;
  stats.lost[static_cast<std::size_t>(LossCause::slow_consumer)] = 7;
  stats.closed[static_cast<std::size_t>(CloseReason::over_memory)] = 2;
  ClientInfo client;
  client.name = "a\"b\\c\nd";
  client.queue = 3;
  client.lost[static_cast<std::size_t>(LossCause::slow_consumer)] = 7;
  const std::string text = prometheus_text(stats, {client});
  EXPECT_TRUE(has_line(text, "busrt_lost_frames_total{cause=\"slow_consumer\"} 7"));
  EXPECT_TRUE(has_line(text, "busrt_lost_frames_total{cause=\"queue_full\"} 0"));
  EXPECT_TRUE(has_line(text, "busrt_closed_total{reason=\"over_memory\"} 2"));
  EXPECT_TRUE(has_line(text, "busrt_client_queue_frames{client=\"a\\\"b\\\\c\\nd\"} 3"));
  EXPECT_TRUE(
      has_line(text, "busrt_client_lost_frames_total{client=\"a\\\"b\\\\c\\nd\",cause=\"slow_consumer\"} 7"));
  EXPECT_TRUE(has_line(text, "# TYPE busrt_frames_total counter"));
}

TEST(MetricsServer, answers_with_the_numbers_of_a_live_broker) {
  Broker broker;
  busrt_testing::WireClient client(busrt_testing::connect_inproc(broker.local()), "someone");
  ASSERT_EQ(client.confirmed(Op::publish, "t", "x"), ok);
  const auto server = MetricsServer::start(broker, "127.0.0.1:0");
  ASSERT_TRUE(server) << server.error().describe();
  const std::string answer = exchange(server->port(), "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_NE(answer.find("text/plain; version=0.0.4"), std::string::npos);
  EXPECT_TRUE(has_line(answer, "busrt_clients 1"));
  EXPECT_TRUE(has_line(answer, "busrt_client_frames_total{client=\"someone\",direction=\"in\"} 1"));
  // And again: a connection is one question.
  EXPECT_TRUE(
      exchange(server->port(), "HEAD /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").ends_with("\r\n\r\n"));
}

TEST(MetricsServer, refuses_what_it_does_not_answer) {
  Broker broker;
  const auto server = MetricsServer::start(broker, "localhost:0");
  ASSERT_TRUE(server) << server.error().describe();
  EXPECT_TRUE(exchange(server->port(), "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                  .starts_with("HTTP/1.1 404 Not Found"));
  EXPECT_TRUE(
      exchange(server->port(), "POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
          .starts_with("HTTP/1.1 405 "));
  EXPECT_EQ(exchange(server->port(), "no http\r\n\r\n"), "");
  EXPECT_EQ(exchange(server->port(), "GET /" + std::string(1U << 16, 'x')), "");
}

TEST(MetricsServer, answers_no_request_for_another_host) {
  Broker broker;
  const auto server = MetricsServer::start(broker, "127.0.0.1:0");
  ASSERT_TRUE(server) << server.error().describe();
  const auto status_for = [&](const std::string& host) {
    return exchange(server->port(), "GET /metrics HTTP/1.1\r\n" + host + "\r\n").substr(9, 3);
  };
  for (const char* host :
       {"Host: localhost:1\r\n", "Host: 127.0.0.1\r\n", "Host: [::1]:9\r\n", "Host: LOCALHOST\r\n"}) {
    EXPECT_EQ(status_for(host), "200") << host;
  }
  for (const char* host :
       {"Host: attacker.example\r\n", "Host: 192.0.2.1:80\r\n", "Host: localhost.example\r\n"}) {
    EXPECT_EQ(status_for(host), "403") << host;
  }
  EXPECT_TRUE(exchange(server->port(), "GET /metrics HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 200 "));
}

TEST(MetricsServer, tells_the_address_that_it_took) {
  Broker broker;
  const auto server = MetricsServer::start(broker, "localhost:0");
  ASSERT_TRUE(server) << server.error().describe();
  EXPECT_NE(server->port(), 0);
  EXPECT_EQ(server->address(), "127.0.0.1:" + std::to_string(server->port()));
}

TEST(MetricsServer, idle_connections_keep_nobody_out_and_the_one_idle_longest_gives_way) {
  Broker broker;
  const auto server = MetricsServer::start(broker, "127.0.0.1:0");
  ASSERT_TRUE(server) << server.error().describe();
  asio::io_context context;
  std::vector<tcp::socket> idle;
  for (std::size_t i = 0; i < limits::metrics_connections; ++i) {
    idle.emplace_back(context).connect({asio::ip::address_v4::loopback(), server->port()});
  }
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 3; ++i) {
    const std::string answer = exchange(server->port(), "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, limits::timeout) << "none waited for an idle one's end";
  boost::system::error_code error;
  std::array<char, 16> room;
  EXPECT_EQ(idle.front().read_some(asio::buffer(room), error), 0U);
  EXPECT_TRUE(error) << "the first was cut";
  asio::write(idle.back(), asio::buffer(std::string_view("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")),
              error);
  EXPECT_GT(idle.back().read_some(asio::buffer(room), error), 0U) << "the last was not: " << error.message();
}

TEST(MetricsServer, listens_on_loopback_alone_and_says_why_it_cannot) {
  Broker broker;
  for (const char* address : {"0.0.0.0:0", "[::]:0", "192.0.2.1:9100"}) {
    const auto server = MetricsServer::start(broker, address);
    ASSERT_FALSE(server);
    EXPECT_EQ(server.error().code, errc::access) << address;
    EXPECT_NE(server.error().message.find(address), std::string::npos);
  }
  for (const char* address : {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "host.example:1"}) {
    const auto server = MetricsServer::start(broker, address);
    ASSERT_FALSE(server);
    EXPECT_EQ(server.error().code, errc::bad_address) << address;
  }
  const auto first = MetricsServer::start(broker, "127.0.0.1:0");
  ASSERT_TRUE(first);
  const auto second = MetricsServer::start(broker, "127.0.0.1:" + std::to_string(first->port()));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, errc::busy);
}

}  // namespace
}  // namespace busrt
