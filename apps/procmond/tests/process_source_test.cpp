// The source as its runtime sees it: start, stop, health, settings, the choice of the method.
#include "process_source.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <expected>

#include "daemoneye/collector/testing/recording_sink.hpp"
#include "fake_feed.hpp"
#include "fake_host.hpp"
#include "schema_check.hpp"
#include "source_runner.hpp"

namespace procmond {
namespace {

/// A platform whose feed is refused, or given.
Platform platform(bool permitted) {
  return {[]() -> busrt::base::Result<std::unique_ptr<Host>> {
            auto host = std::make_unique<FakeHost>();
            host->add(1, 0, "init", 0);
            host->now_ns = 100 * FakeHost::tick_ns;
            return host;
          },
          [permitted](std::size_t) -> busrt::base::Result<std::unique_ptr<KernelFeed>> {
            if (!permitted)
              return busrt::base::fail(std::make_error_code(std::errc::operation_not_permitted), "connector");
            return std::make_unique<FakeFeed>(std::make_shared<FakeFeedState>());
          }};
}

class ProcessSourceTest : public ::testing::Test {
 protected:
  daemoneye::collector::testing::RecordingSink sink;
};

TEST_F(ProcessSourceTest, UsesTheConnectorWhereItMay) {
  ProcessSource source(platform(true));
  ASSERT_TRUE(start_source(source, sink));
  EXPECT_TRUE(sink.wait_for_count(1));
  EXPECT_EQ(source.health().at("method"), "connector");
  EXPECT_FALSE(source.health().at("cannot_see").as_array().empty());
  stop_source(source);
  EXPECT_EQ(source.health().at("method"), "none");
  EXPECT_EQ(source.health().at("events").at("snapshot"), 1);
}

TEST_F(ProcessSourceTest, ScansWhereItMayNotAndSaysWhy) {
  ProcessSource source(platform(false));
  ASSERT_TRUE(start_source(source, sink));
  const auto health = source.health();
  EXPECT_EQ(health.at("method"), "scan");
  EXPECT_NE(std::string_view(health.at("why").as_string()).find("connector"), std::string_view::npos);
  EXPECT_NE(boost::json::serialize(health.at("cannot_see")).find("1000 ms"), std::string::npos);
  stop_source(source);
}

TEST_F(ProcessSourceTest, TheProcessesOfThisHostAreWhatTheSchemaSays) {
  ProcessSource source;
  ASSERT_TRUE(source.configure({{"method", "scan"}}));
  ASSERT_TRUE(start_source(source, sink));
  EXPECT_TRUE(sink.wait_for_count(2));
  stop_source(source);
  expect_schema(sink);
}

TEST_F(ProcessSourceTest, DoesNotStartWhenOnlyTheConnectorWouldDo) {
  ProcessSource source(platform(false));
  ASSERT_TRUE(source.configure({{"method", "connector"}}));
  const auto started = start_source(source, sink);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, std::errc::operation_not_permitted);
  EXPECT_EQ(source.health().at("method"), "none");
}

TEST_F(ProcessSourceTest, StartingTwiceAndStoppingTwiceAreNoErrors) {
  ProcessSource source(platform(true));
  stop_source(source);
  ASSERT_TRUE(start_source(source, sink));
  ASSERT_TRUE(start_source(source, sink));
  EXPECT_TRUE(sink.wait_for_count(1));
  stop_source(source);
  stop_source(source);
  EXPECT_EQ(sink.count("snapshot"), 1U);
  ASSERT_TRUE(start_source(source, sink));
  EXPECT_TRUE(sink.wait_for_count(2));
  stop_source(source);
  EXPECT_EQ(sink.count("snapshot"), 2U) << "each start tells the whole picture";
}

TEST_F(ProcessSourceTest, ChangesTheMethodWhileItRuns) {
  ProcessSource source(platform(true));
  ASSERT_TRUE(start_source(source, sink));
  ASSERT_TRUE(source.configure({{"method", "scan"}, {"scan_interval_ms", 60000}}));
  EXPECT_EQ(source.health().at("method"), "scan");
  ASSERT_TRUE(source.configure({{"method", "connector"}}));
  EXPECT_EQ(source.health().at("method"), "connector");
  stop_source(source);
  EXPECT_EQ(sink.count("snapshot"), 1U) << "known processes stay known";
}

TEST_F(ProcessSourceTest, AWrongSettingChangesNothing) {
  ProcessSource source(platform(false));
  ASSERT_TRUE(start_source(source, sink));
  const auto before = source.health().at("settings");
  EXPECT_FALSE(source.configure({{"scan_interval_ms", 500}, {"method", "magic"}}));
  const auto refused = source.configure({{"scan_interval_ms", 500}, {"method", "connector"}});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.starts_with("method: ")) << refused.error().message;
  EXPECT_EQ(source.health().at("settings"), before);
  EXPECT_EQ(source.health().at("method"), "scan");
  stop_source(source);
}

TEST_F(ProcessSourceTest, RunsOnThisHostAsWhoeverRunsTheTest) {
  ProcessSource source;
  ASSERT_TRUE(source.configure({{"method", "scan"}, {"scan_interval_ms", 50}}));
  ASSERT_TRUE(start_source(source, sink));
  EXPECT_TRUE(
      sink.wait_for([](const daemoneye::collector::Observation& seen) { return seen.kind == "snapshot"; }));
  stop_source(source);
  EXPECT_FALSE(source.health().contains("degraded"));
}

/// The parts that an operation of the source answers, or the message of its error.
std::expected<std::vector<boost::json::object>, std::string> run_operation(ProcessSource& source,
                                                                           std::string_view name,
                                                                           boost::json::object params) {
  for (const auto& operation : source.operations()) {
    if (operation.name != name) continue;
    daemoneye::collector::ResultParts parts;
    boost::asio::io_context context;
    auto done =
        boost::asio::co_spawn(context, operation.run(std::move(params), parts), boost::asio::use_future);
    context.run();
    if (const auto result = done.get(); !result) return std::unexpected(result.error().message);
    return parts.take();
  }
  return std::unexpected("no such operation");
}

TEST_F(ProcessSourceTest, FindsAProcessOfThisHostByItsId) {
  ProcessSource source;
  const auto found = run_operation(source, "process.find", {{"pid", ::getpid()}});
  ASSERT_TRUE(found) << found.error();
  ASSERT_EQ(found->size(), 1U);
  const auto& self = found->front();
  EXPECT_EQ(self.at("process").at("pid"), ::getpid());
  EXPECT_EQ(self.at("parent").at("pid"), ::getppid());
  EXPECT_EQ(self.at("uid"), ::getuid());
  for (const auto& problem : daemoneye::events::check("process", "snapshot", self)) ADD_FAILURE() << problem;
  EXPECT_TRUE(run_operation(source, "process.find", {{"pid", 2147483647}}).value().empty());
  for (const auto& wrong : {boost::json::value(0), boost::json::value(-1), boost::json::value(4294967296)}) {
    EXPECT_EQ(run_operation(source, "process.find", {{"pid", wrong}}).error(), "pid: expected a process id");
  }
}

TEST_F(ProcessSourceTest, ASnapshotHoldsEveryProcessWithoutStartingTheSource) {
  ProcessSource source;
  const auto all = run_operation(source, "process.snapshot", {});
  ASSERT_TRUE(all) << all.error();
  EXPECT_TRUE(
      std::ranges::any_of(*all, [](const auto& one) { return one.at("process").at("pid") == ::getpid(); }));
  for (const auto& one : *all) {
    for (const auto& problem : daemoneye::events::check("process", "snapshot", one)) ADD_FAILURE() << problem;
  }
  EXPECT_TRUE(sink.observations().empty());
}

}  // namespace
}  // namespace procmond
