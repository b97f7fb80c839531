// The server over real connections: what it answers, what it refuses, and its bounds.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/http/server.hpp"

namespace busrt::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

/// Reads to the end.
std::string read_all(tcp::socket& socket) {
  std::string answer;
  std::array<char, 4096> room;
  boost::system::error_code error;
  for (;;) {
    const std::size_t got = socket.read_some(asio::buffer(room), error);
    if (error) return answer;
    answer.append(room.data(), got);
  }
}

std::string ask(const Server& server, std::string_view request) {
  asio::io_context context;
  tcp::socket socket(context);
  socket.connect({asio::ip::address_v4::loopback(), server.port()});
  boost::system::error_code error;
  asio::write(socket, asio::buffer(request), error);
  return read_all(socket);
}

std::string get(const Server& server, const std::string& target) {
  return ask(server, "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
}

/// Answers /echo with its query, throws at /throw.
std::optional<Response> echo(const Request& request, const ServerStats&) {
  if (request.path == "/throw") throw std::runtime_error("broken handler");
  if (request.path != "/echo") return std::nullopt;
  return Response{"text/plain", std::string(request.query)};
}

base::Result<Server> start(Options options = {}) {
  options.usage = "try /echo\n";
  return Server::start("127.0.0.1:0", std::move(options), echo);
}

TEST(HttpServer, AnswersFromTheTargetAndClosesTheConnection) {
  const auto server = start();
  ASSERT_TRUE(server) << server.error().describe();
  const std::string answer = get(*server, "/echo?a=b");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_NE(answer.find("Content-Type: text/plain\r\n"), std::string::npos);
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\na=b"));
  EXPECT_EQ(server->address(), "127.0.0.1:" + std::to_string(server->port()));
}

TEST(HttpServer, AHeadHasTheLengthAndNoBody) {
  const auto server = start();
  ASSERT_TRUE(server);
  const std::string answer = ask(*server, "HEAD /echo?abc HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_NE(answer.find("Content-Length: 3\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST(HttpServer, RefusesOtherTargetsAndMethodsAndSaysWhatItAnswers) {
  const auto server = start();
  ASSERT_TRUE(server);
  const std::string missing = get(*server, "/");
  EXPECT_TRUE(missing.starts_with("HTTP/1.1 404 Not Found"));
  EXPECT_TRUE(missing.ends_with("try /echo\n"));
  const std::string posted =
      ask(*server, "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(posted.starts_with("HTTP/1.1 405 "));
  EXPECT_NE(posted.find("Allow: GET, HEAD\r\n"), std::string::npos);
}

TEST(HttpServer, ClosesWithoutAnswerWhatIsNoRequestOrTooLarge) {
  const auto server = start();
  ASSERT_TRUE(server);
  EXPECT_EQ(ask(*server, "no http\r\n\r\n"), "");
  EXPECT_EQ(ask(*server, "GET /" + std::string(1U << 16, 'x')), "");
  EXPECT_EQ(ask(*server, "GET /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"), "");
}

TEST(HttpServer, OnLoopbackAnswersNoRequestForAnotherHost) {
  const auto server = start();
  ASSERT_TRUE(server);
  EXPECT_TRUE(
      ask(*server, "GET /echo HTTP/1.1\r\nHost: attacker.example\r\n\r\n").starts_with("HTTP/1.1 403 "));
  EXPECT_TRUE(ask(*server, "GET /echo HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 200 "));
}

TEST(HttpServer, OnAllAddressesAnswersForAnyHost) {
  const auto server = Server::start("0.0.0.0:0", {}, echo);
  ASSERT_TRUE(server) << server.error().describe();
  EXPECT_TRUE(ask(*server, "GET /echo HTTP/1.1\r\nHost: host.example\r\n\r\n").starts_with("HTTP/1.1 200 "));
}

TEST(HttpServer, TheConnectionThatIsIdleLongestGivesWay) {
  Options options;
  options.max_connections = 3;
  options.timeout = 1min;
  const auto server = start(std::move(options));
  ASSERT_TRUE(server);
  asio::io_context context;
  std::vector<tcp::socket> idle;
  for (int i = 0; i < 3; ++i) {
    idle.emplace_back(context).connect({asio::ip::address_v4::loopback(), server->port()});
  }
  EXPECT_TRUE(get(*server, "/echo").starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(read_all(idle.front()), "") << "the first was closed";
  boost::system::error_code error;
  const std::string_view request = "GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n";
  asio::write(idle.back(), asio::buffer(request), error);
  EXPECT_TRUE(read_all(idle.back()).starts_with("HTTP/1.1 200 ")) << "the last was not";
}

TEST(HttpServer, ClosesAConnectionThatSendsNothingInTime) {
  Options options;
  options.timeout = 10ms;
  const auto server = start(std::move(options));
  ASSERT_TRUE(server);
  EXPECT_EQ(ask(*server, ""), "");
}

TEST(HttpServer, AHandlerThatThrowsEndsItsOwnConnectionAlone) {
  std::atomic<int> lines = 0;
  Options options;
  options.name = "view";
  options.log = [&lines](base::LogLevel, std::string_view line) {
    if (line == "view: broken handler") ++lines;
  };
  const auto server = start(std::move(options));
  ASSERT_TRUE(server);
  EXPECT_EQ(get(*server, "/throw"), "");
  EXPECT_TRUE(get(*server, "/echo").starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(lines, 1);
}

TEST(HttpServer, SaysWhyItCannotListen) {
  const auto first = start();
  ASSERT_TRUE(first);
  Options options;
  options.name = "view";
  const auto second = Server::start(first->address(), std::move(options), echo);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, std::make_error_code(std::errc::address_in_use));
  EXPECT_TRUE(second.error().message.starts_with("cannot serve view on 127.0.0.1:"));
}

}  // namespace
}  // namespace busrt::http
