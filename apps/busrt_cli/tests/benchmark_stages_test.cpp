// The benchmark's loops over an embedded broker: they count right, and they end when frames do not come back.
#include "benchmark_stages.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "busrt/broker.hpp"

namespace busrt_cli {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto patient = 30s;
constexpr auto impatient = 100ms;

class BenchmarkStages : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto up = client_.connect(asio::use_future).get();
    ASSERT_TRUE(up) << up.error().describe();
  }
  ~BenchmarkStages() override {
    guard_.reset();
    loop_.stop();
    thread_.join();
  }

  /// Sends so many frames without acks to `target` while the client takes what comes to itself.
  std::pair<StageResult, StageResult> exchange(const std::string& target, std::uint32_t count,
                                               std::chrono::milliseconds patience) {
    const auto progress = make_progress(client_);
    auto send = send_without_ack(client_, target, payload_, count, progress, patience);
    auto sent = asio::co_spawn(loop_, send_and_await(client_, std::move(send), progress, count, patience),
                               asio::use_future);
    auto received = asio::co_spawn(loop_, receive_messages(client_, count, progress), asio::use_future);
    StageResult send_result = sent.get();
    return {std::move(send_result), received.get()};
  }

  busrt::Broker broker_;
  std::vector<std::byte> payload_ = std::vector<std::byte>(100, std::byte{0xEE});
  asio::io_context loop_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_ = asio::make_work_guard(loop_);
  std::thread thread_{[this] { loop_.run(); }};
  busrt::Client client_{loop_.get_executor(), {.name = "bench", .endpoint = broker_.local()}};
};

TEST_F(BenchmarkStages, FramesToItselfAllComeBack) {
  const auto [sent, received] = exchange("bench", 20'000, patient);
  EXPECT_TRUE(sent) << sent.error().describe();
  EXPECT_TRUE(received) << received.error().describe();
  EXPECT_EQ(broker_.stats().frames_in, 20'000U);
}

TEST_F(BenchmarkStages, FramesThatDoNotComeBackEndBothSides) {
  const auto [sent, received] = exchange("nobody", 100, impatient);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().message, "0 of 100 frames sent came back");
  EXPECT_FALSE(received);
}

TEST_F(BenchmarkStages, ASenderThatIsTooFarAheadEndsBothSides) {
  const auto [sent, received] = exchange("nobody", 100'000, impatient);
  ASSERT_FALSE(sent);
  EXPECT_TRUE(sent.error().message.starts_with("0 of ")) << sent.error().message;
  EXPECT_FALSE(received);
  EXPECT_LT(broker_.stats().frames_in, 10'000U);
}

TEST_F(BenchmarkStages, ConfirmedFramesToNobodyCountAsSent) {
  const auto done =
      asio::co_spawn(loop_, send_with_ack(client_, "nobody", payload_, 10), asio::use_future).get();
  EXPECT_TRUE(done) << done.error().describe();
  EXPECT_EQ(broker_.stats().frames_in, 10U);
}

}  // namespace
}  // namespace busrt_cli
