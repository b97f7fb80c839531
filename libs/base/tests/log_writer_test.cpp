// The log's queue and thread, with an output that blocks when it is told to.
#include "busrt/base/log_writer.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace busrt::base {
namespace {

using namespace std::chrono_literals;

/// What the output took, and whether it takes more.
struct Tap {
  std::mutex mutex;
  std::condition_variable changed;
  bool open = true;
  bool broken = false;
  std::size_t waiting = 0;
  std::vector<std::string> lines;

  void set_open(bool value) {
    const std::lock_guard lock(mutex);
    open = value;
    changed.notify_all();
  }
  void set_broken(bool value) {
    const std::lock_guard lock(mutex);
    broken = value;
  }
  void wait_until_blocked() {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, 30s, [this] { return waiting != 0; }));
  }
  std::vector<std::string> taken() {
    const std::lock_guard lock(mutex);
    return lines;
  }
};

class TapOutput final : public LogOutput {
 public:
  explicit TapOutput(std::shared_ptr<Tap> tap) : tap_(std::move(tap)) {}
  bool write(LogLevel /*level*/, std::string_view line) override {
    std::unique_lock lock(tap_->mutex);
    ++tap_->waiting;
    tap_->changed.notify_all();
    tap_->changed.wait(lock, [this] { return tap_->open; });
    --tap_->waiting;
    if (tap_->broken) return false;
    tap_->lines.emplace_back(line);
    return true;
  }

 private:
  const std::shared_ptr<Tap> tap_;
};

class LogWriterTest : public testing::Test {
 protected:
  std::unique_ptr<LogWriter> writer(std::size_t bytes = log_queue_bytes) {
    return std::make_unique<LogWriter>(std::make_unique<TapOutput>(tap), plain_format(), LogLevel::info,
                                       bytes);
  }
  const std::shared_ptr<Tap> tap = std::make_shared<Tap>();
};

TEST_F(LogWriterTest, WritesTheLinesInOrderAndAllOfThemByItsEnd) {
  auto log = writer();
  for (int i = 0; i < 1000; ++i) log->write(LogLevel::info, std::to_string(i));
  log->write(LogLevel::debug, "below the least level");
  log.reset();
  const auto lines = tap->taken();
  ASSERT_EQ(lines.size(), 1000U);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(lines[static_cast<std::size_t>(i)], std::to_string(i));
}

TEST_F(LogWriterTest, AnOutputThatBlocksHoldsNobodyAndTheMissingLinesAreCountedInTheirPlace) {
  auto log = writer(1000);
  tap->set_open(false);
  log->write(LogLevel::info, "first");
  tap->wait_until_blocked();
  // Far more than the queue holds; this thread would hang here if one of them were to block.
  for (int i = 0; i < 1234; ++i) log->write(LogLevel::info, "line " + std::to_string(i));
  tap->set_open(true);
  ASSERT_TRUE(log->flush(30s));
  log->write(LogLevel::info, "last");
  log.reset();
  const auto lines = tap->taken();
  ASSERT_GT(lines.size(), 4U);
  EXPECT_EQ(lines.front(), "first");
  EXPECT_EQ(lines[1], "line 0");
  EXPECT_EQ(lines.back(), "last");
  const std::size_t kept = lines.size() - 3;
  const std::string count = std::to_string(1234 - kept);
  EXPECT_EQ(lines[lines.size() - 2],
            "log: 1," + count.substr(1) + " lines are missing here, the output did not take them in time");
}

TEST_F(LogWriterTest, AnOutputThatFailsIsReportedWhenItWorksAgain) {
  auto log = writer();
  tap->set_broken(true);
  log->write(LogLevel::info, "lost");
  log->write(LogLevel::info, "lost too");
  ASSERT_TRUE(log->flush(30s));
  tap->set_broken(false);
  log->write(LogLevel::info, "kept");
  log.reset();
  EXPECT_EQ(tap->taken(),
            (std::vector<std::string>{"log: 2 lines are missing here, the output did not take them in time",
                                      "kept"}));
}

TEST_F(LogWriterTest, ItsEndDoesNotWaitForEverForAnOutputThatBlocks) {
  auto log = writer();
  const LogSink sink = log->sink();
  tap->set_open(false);
  log->write(LogLevel::info, "first");
  tap->wait_until_blocked();
  EXPECT_FALSE(log->flush(1ms));
  log.reset();
  // A library may log once more after the log has ended.
  sink(LogLevel::info, "too late");
  tap->set_open(true);
}

TEST_F(LogWriterTest, ALineCannotForgeAnother) {
  auto log = writer();
  log->write(LogLevel::info, "a\nb\x1b[2J");
  log.reset();
  EXPECT_EQ(tap->taken(), std::vector<std::string>{"a\\x0ab\\x1b[2J"});
}

TEST(LogFormat, TimesAreUtcInRfc3339) {
  const auto when = std::chrono::sys_days(std::chrono::year(2026) / 11 / 30) + 20h + 1min + 2s + 34ms;
  const std::string line = timestamped_format()(LogLevel::warn, when, "text");
  EXPECT_TRUE(line.starts_with("2026-11-30T20:01:02.034Z ")) << line;
  EXPECT_TRUE(line.ends_with(" text")) << line;
  EXPECT_TRUE(line.contains("warning")) << line;
  EXPECT_EQ(named_format("procmond")(LogLevel::warn, when, "text"), "procmond: [warning] text");
}

}  // namespace
}  // namespace busrt::base
