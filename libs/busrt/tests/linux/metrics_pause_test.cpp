// The metrics server when the system has no descriptor for a connection.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>

#include "busrt/metrics.hpp"
#include "busrt_testing/sanitizers.hpp"
#include "eventually.hpp"
#include "linux/no_more_descriptors.hpp"

namespace busrt {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

TEST(MetricsServer, WithoutDescriptorsItPausesSaysSoAndAnswersOnceThereAreSome) {
  if (busrt_testing::under_address_sanitizer)
    GTEST_SKIP()
        << "the sanitizer looks at objects through a pipe of its own, for which there is no descriptor";
  std::mutex mutex;
  std::string log;
  Broker broker;
  const auto server =
      MetricsServer::start(broker, "127.0.0.1:0", [&](busrt::base::LogLevel, std::string_view line) {
        const std::lock_guard lock(mutex);
        log += std::string(line) + "\n";
      });
  ASSERT_TRUE(server) << server.error().describe();
  asio::io_context context;
  tcp::socket client(context, tcp::v4());
  const auto begin = std::chrono::steady_clock::now();
  {
    const NoMoreDescriptors none;
    client.connect({asio::ip::address_v4::loopback(), server->port()});
    EXPECT_TRUE(eventually([&] {
      const std::lock_guard lock(mutex);
      return log.find("metrics: cannot accept") != std::string::npos;
    }));
  }
  asio::write(client, asio::buffer(std::string_view("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")));
  std::string answer;
  boost::system::error_code end;
  asio::read(client, asio::dynamic_buffer(answer), end);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK")) << answer;
  const std::string_view name = "\nbusrt_accept_pauses_total ";
  const auto at = answer.find(name);
  ASSERT_NE(at, std::string::npos);
  const auto pauses = std::stoul(answer.substr(at + name.size()));
  EXPECT_GE(pauses, 1U);
  const auto taken = std::chrono::steady_clock::now() - begin;
  EXPECT_LE(pauses, static_cast<unsigned long>(taken / std::chrono::milliseconds(100)) + 1) << "no busy loop";
}

}  // namespace
}  // namespace busrt
