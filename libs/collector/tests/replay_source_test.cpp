// Recorded events come again as they were, and a file that is no recording is refused with its line.
#include "daemoneye/collector/testing/replay_source.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <fstream>
#include <string>

#include "daemoneye/collector/testing/noop_source.hpp"
#include "daemoneye/collector/testing/recording_sink.hpp"

namespace daemoneye::collector::testing {
namespace {

class Replay : public ::testing::Test {
 protected:
  void SetUp() override {
    file_ = std::filesystem::temp_directory_path() /
            ("replay-" + std::to_string(::getpid()) + "-" +
             ::testing::UnitTest::GetInstance()->current_test_info()->name());
  }
  void TearDown() override { std::filesystem::remove(file_); }

  void write(std::string_view text) { std::ofstream(file_) << text; }
  static std::string line(std::uint64_t seq, std::string_view kind, std::string_view data) {
    return R"({"v":1,"collector":"procmond","epoch":5,"seq":)" + std::to_string(seq) +
           R"(,"time":"2026-01-02T03:04:05.000000006Z","domain":"process","kind":")" + std::string(kind) +
           R"(","correlation_id":"c)" + std::to_string(seq) + R"(","data":)" + std::string(data) + "}\n";
  }
  busrt::base::Result<> start(EventSource& source) {
    boost::asio::io_context context;
    auto done = boost::asio::co_spawn(context, source.start(sink_), boost::asio::use_future);
    context.run();
    return done.get();
  }

  std::filesystem::path file_;
  RecordingSink sink_;
};

TEST_F(Replay, EventsComeInTheirOrderWithKindTimeDataAndCorrelation) {
  write(line(1, "new", R"({"ppid":1})") + "\n" + line(2, "exec", R"({"args":["a"]})"));
  ReplaySource source(file_);
  ASSERT_TRUE(start(source));
  ASSERT_TRUE(sink_.wait_for_count(2));
  const auto seen = sink_.observations();
  EXPECT_EQ(seen[0].kind, "new");
  EXPECT_EQ(seen[1].kind, "exec");
  EXPECT_EQ(seen[1].data, (boost::json::object{{"args", boost::json::array{"a"}}}));
  EXPECT_EQ(seen[1].correlation_id, "c2");
  EXPECT_EQ(seen[1].time.time_since_epoch(), std::chrono::nanoseconds(1767323045000000006));
}

TEST_F(Replay, AStartedSourceBeginsAgain) {
  write(line(1, "new", "{}"));
  ReplaySource source(file_);
  ASSERT_TRUE(start(source));
  ASSERT_TRUE(sink_.wait_for_count(1));
  ASSERT_TRUE(start(source));
  ASSERT_TRUE(sink_.wait_for_count(2));
}

TEST_F(Replay, ARecordedLossIsReportedAsOne) {
  write(line(1, "loss", R"({"count":"unknown","cause":"kernel_buffer_overflow","detail":"x"})") +
        line(2, "new", "{}"));
  ReplaySource source(file_);
  ASSERT_TRUE(start(source));
  ASSERT_TRUE(sink_.wait_for_count(1));
  ASSERT_EQ(sink_.losses().size(), 1U);
  EXPECT_EQ(sink_.losses()[0].cause, "kernel_buffer_overflow");
  EXPECT_FALSE(sink_.losses()[0].count);
}

TEST_F(Replay, AMistakeIsNamedByFileAndLineBeforeAnythingIsEmitted) {
  const std::string good = line(1, "new", "{}");
  for (const std::string& wrong :
       {std::string("no JSON\n"), std::string("{}\n"), line(2, "no kind", "{}"), line(2, "new", "[]"),
        line(2, "loss", "{}"),
        std::string(R"({"v":1,"collector":"netmond","epoch":5,"seq":1,"time":"2026-01-02T03:04:05Z",)"
                    R"("domain":"network","kind":"connect","data":{}})")}) {
    write(good + "\n" + wrong);
    ReplaySource source(file_);
    const auto started = start(source);
    ASSERT_FALSE(started) << wrong;
    EXPECT_TRUE(started.error().message.starts_with(file_.string() + ":3: ")) << started.error().message;
  }
  EXPECT_TRUE(sink_.observations().empty());
  ReplaySource missing(file_.string() + ".none");
  const auto started = start(missing);
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().describe().find(file_.string() + ".none"), std::string::npos);
}

TEST_F(Replay, TheNoopSourceEmitsNothing) {
  NoopSource source;
  ASSERT_TRUE(start(source));
  EXPECT_TRUE(sink_.observations().empty());
  EXPECT_TRUE(source.configure({}));
  EXPECT_FALSE(source.configure({{"x", 1}}));
  EXPECT_EQ(source.health().at("method"), "none");
}

}  // namespace
}  // namespace daemoneye::collector::testing
