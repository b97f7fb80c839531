// The agent's own list of services with a real broker and real connections, and no collector.
#include "services.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <functional>
#include <future>

#include "busrt/rpc.hpp"
#include "config/load_config.hpp"
#include "temporary_directory.hpp"

namespace daemoneye_agent {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

class ServicesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    FlagValues flags;
    flags.bus = address();
    flags.state_dir = (directory_.path() / "state").string();
    auto loaded = load_config(flags, {}, "[collectors.procmond]\nenabled = false\n");
    ASSERT_TRUE(loaded) << loaded.error().front();
    config_ = std::move(loaded->config);
    add_services(agent_, io_.get_executor(), config_, log_);
  }
  [[nodiscard]] std::string address() const {
    return "ipc://" + (directory_.path() / "run" / "bus.sock").string();
  }
  bool run_until(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!condition() && std::chrono::steady_clock::now() < deadline) io_.run_one_for(10ms);
    return condition();
  }
  static bool is_ready(const auto& future) { return future.wait_for(0s) == std::future_status::ready; }

  TemporaryDirectory directory_;
  Config config_;
  asio::io_context io_{1};
  Logger log_{[](busrt::base::LogLevel, std::string_view) {}};
  Agent agent_{io_.get_executor(), log_, busrt::base::ServiceNotifier()};
};

TEST_F(ServicesTest, AnswerForTheStatusOnTheirBusAndLeaveNothingPendingAfterAStop) {
  auto ran = asio::co_spawn(io_, agent_.run(), asio::use_future);
  // The program's own name, which the operator's command line asks by.
  busrt::RpcClient client(busrt::Client(io_.get_executor(), {.name = "operator", .address = address()}));
  ASSERT_TRUE(run_until([this] { return std::filesystem::exists(directory_.path() / "run" / "bus.sock"); }));
  auto up = client.connect(asio::use_future);
  ASSERT_TRUE(run_until([&up] { return is_ready(up); }));
  ASSERT_TRUE(up.get());
  boost::json::object status;
  ASSERT_TRUE(run_until([&] {
    auto reply = client.call("daemoneye-agent", "status", {}, busrt::QoS::processed, 5s, asio::use_future);
    if (!run_until([&reply] { return is_ready(reply); })) return false;
    const auto answer = reply.get();
    if (!answer) return false;
    status = boost::json::parse(busrt::as_text(answer->payload)).as_object();
    return true;
  }));
  EXPECT_TRUE(status.at("well").as_bool()) << boost::json::serialize(status);
  EXPECT_EQ(status.at("bus").at("mode"), "embedded");
  EXPECT_EQ(status.at("bus").at("broker").at("clients").to_number<int>(), 3)
      << "control, data and the operator";
  EXPECT_EQ(status.at("agent").at("state_dir").as_string(), (directory_.path() / "state").string());

  auto down = client.client().disconnect(1s, asio::use_future);
  ASSERT_TRUE(run_until([&down] { return is_ready(down); }));
  client = busrt::RpcClient(busrt::Client(io_.get_executor(), {.name = "gone", .address = address()}));
  agent_.request_stop("test");
  ASSERT_TRUE(run_until([&ran] { return is_ready(ran); }));
  EXPECT_TRUE(ran.get());
  io_.poll();
  EXPECT_TRUE(io_.stopped()) << "a timer that is left would hold up the end of the program";
}

}  // namespace
}  // namespace daemoneye_agent
