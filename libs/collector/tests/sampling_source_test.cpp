// Looks at an interval: they begin at once, follow the setting, and end with stop().
#include "daemoneye/collector/sampling_source.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <stdexcept>

#include "daemoneye/collector/testing/recording_sink.hpp"

namespace daemoneye::collector::testing {
namespace {

using namespace std::chrono_literals;

/// Emits one observation a look, or fails while it is told to.
class Looker final : public SamplingSource {
 public:
  using SamplingSource::SamplingSource;
  ~Looker() override = default;
  [[nodiscard]] std::string_view name() const override { return "looker"; }
  [[nodiscard]] std::string_view domain() const override { return "performance"; }
  [[nodiscard]] std::vector<std::string> capabilities() const override { return {}; }

  std::atomic<bool> fails = false;

 private:
  void sample(EventSink& sink) override {
    sink.emit({.kind = "sample", .time = std::chrono::system_clock::now()});
    if (fails) throw std::runtime_error("no look");
  }
};

class Sampling : public ::testing::Test {
 protected:
  template <class Awaitable>
  static auto run(Awaitable awaitable) {
    boost::asio::io_context context;
    auto done = boost::asio::co_spawn(context, std::move(awaitable), boost::asio::use_future);
    context.run();
    return done.get();
  }
  RecordingSink sink_;
};

TEST_F(Sampling, LooksAtOnceAndAgainAfterTheInterval) {
  Looker source(10ms);
  ASSERT_TRUE(run(source.start(sink_)));
  ASSERT_TRUE(run(source.start(sink_))) << "starting twice is no error";
  EXPECT_TRUE(sink_.wait_for_count(5));
  run(source.stop());
  run(source.stop());
  const auto seen = sink_.observations().size();
  EXPECT_EQ(source.health().at("looks"), seen);
  ASSERT_TRUE(run(source.start(sink_)));
  EXPECT_TRUE(sink_.wait_for_count(seen + 2));
  run(source.stop());
}

TEST_F(Sampling, AnotherIntervalTakesEffectDuringAPause) {
  Looker source(1h);
  ASSERT_TRUE(run(source.start(sink_)));
  ASSERT_TRUE(sink_.wait_for_count(1));
  ASSERT_TRUE(source.configure({{"interval_ms", 10}}));
  EXPECT_TRUE(sink_.wait_for_count(4));
  EXPECT_EQ(source.health().at("interval_ms"), 10);
  run(source.stop());
}

TEST_F(Sampling, StopDoesNotWaitForTheInterval) {
  Looker source(1h);
  ASSERT_TRUE(run(source.start(sink_)));
  ASSERT_TRUE(sink_.wait_for_count(1));
  run(source.stop());
  EXPECT_EQ(sink_.observations().size(), 1U);
}

TEST_F(Sampling, ALookThatFailsMakesItDegradedUntilOneSucceeds) {
  Looker source(10ms);
  source.fails = true;
  ASSERT_TRUE(run(source.start(sink_)));
  ASSERT_TRUE(sink_.wait_for_count(2));
  EXPECT_EQ(source.health().at("degraded"), "no look");
  source.fails = false;
  ASSERT_TRUE(sink_.wait_for_count(sink_.observations().size() + 3));
  EXPECT_FALSE(source.health().contains("degraded"));
  run(source.stop());
}

TEST_F(Sampling, TheIntervalIsTheOnlySetting) {
  Looker source(1h);
  EXPECT_TRUE(source.configure({}));
  EXPECT_EQ(source.configure({{"interval_ms", 9}}).error().message,
            "interval_ms: expected a whole number from 10 to 3600000, got 9");
  EXPECT_TRUE(source.configure({{"colour", 1}}).error().message.starts_with("colour: "));
  EXPECT_EQ(source.health().at("interval_ms"), 3600000) << "nothing of it was applied";
}

}  // namespace
}  // namespace daemoneye::collector::testing
