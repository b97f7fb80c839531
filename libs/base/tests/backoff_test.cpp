// Delays double up to their most; jitter draws a part of each.
#include "busrt/base/backoff.hpp"

#include <gtest/gtest.h>

namespace busrt::base {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, WithFullJitterDrawsFromTheWholeRange) {
  Backoff backoff(100ms, 1000ms, Jitter::full);
  EXPECT_EQ(backoff.next(0.0), 0ms);
  EXPECT_EQ(backoff.next(0.5), 100ms);
  for (const auto most : {400ms, 800ms, 1000ms, 1000ms}) {
    EXPECT_EQ(backoff.ceiling(), most);
    EXPECT_LT(backoff.next(0.999), most);
  }
  backoff.reset();
  EXPECT_EQ(backoff.ceiling(), 100ms);
}

TEST(Backoff, WithEqualJitterStaysBetweenHalfAndAllOfItsStepAndUnderItsMost) {
  Backoff backoff(100ms, 1s, Jitter::equal);
  std::chrono::milliseconds step = 100ms;
  for (int i = 0; i < 10; ++i) {
    const auto wait = backoff.next(i % 2 == 0 ? 0.0 : 0.999);
    EXPECT_GE(wait, step / 2);
    EXPECT_LE(wait, step);
    step = std::min<std::chrono::milliseconds>(step * 2, 1s);
  }
  backoff.reset();
  EXPECT_EQ(backoff.next(0.0), 50ms);
  EXPECT_EQ(Backoff(1ms, 1ms, Jitter::equal).next(0.0), 1ms) << "never nothing";
}

TEST(Backoff, WithoutJitterIsItsStep) {
  Backoff backoff(5ms, 20ms, Jitter::none);
  for (const auto step : {5ms, 10ms, 20ms, 20ms}) EXPECT_EQ(backoff.next(0.3), step);
}

TEST(Backoff, TakesBoundsOutOfOrderAsTheNearestThatFit) {
  EXPECT_EQ(Backoff(0ms, 0ms, Jitter::full).ceiling(), 1ms);
  Backoff backoff(100ms, 10ms, Jitter::none);
  EXPECT_EQ(backoff.next(0.0), 100ms);
  EXPECT_EQ(backoff.next(0.0), 100ms);
}

}  // namespace
}  // namespace busrt::base
