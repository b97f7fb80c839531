// When a client sends a ping, asks for an answer, and takes a connection for lost; and how long it reads from
// one that it cannot write to.
#include <gtest/gtest.h>

#include <chrono>

#include "client/keepalive.hpp"
#include "client/lingering_read.hpp"

namespace busrt::detail {
namespace {

using namespace std::chrono_literals;
using Action = KeepAlive::Action;
using TimePoint = KeepAlive::Clock::time_point;

constexpr auto timeout = 4000ms;

class KeepAliveTest : public testing::Test {
 protected:
  KeepAliveTest() { keepalive.start(now); }
  Action check(bool reading_paused = false, bool writing = false) {
    now = keepalive.next_check();
    return keepalive.check(now, reading_paused, writing);
  }

  TimePoint now{};
  KeepAlive keepalive{timeout};
};

TEST_F(KeepAliveTest, ChecksEveryQuarterOfTheTimeout) {
  EXPECT_EQ(keepalive.next_check(), TimePoint() + 1000ms);
  static_cast<void>(check());
  EXPECT_EQ(keepalive.next_check(), TimePoint() + 2000ms);
}

TEST_F(KeepAliveTest, ASilentClientSendsAPingAndABusyOneDoesNot) {
  keepalive.received();
  EXPECT_EQ(check(), Action::ping);
  keepalive.received();
  keepalive.sent();
  EXPECT_EQ(check(), Action::none);
  keepalive.received();
  EXPECT_EQ(check(false, true), Action::none);
}

TEST_F(KeepAliveTest, ASilentBrokerIsAskedAndThenTakenForLost) {
  for (unsigned quarter = 1; quarter < KeepAlive::silence_to_probe; ++quarter)
    EXPECT_EQ(check(), Action::ping);
  for (unsigned quarter = KeepAlive::silence_to_probe; quarter < KeepAlive::silence_allowed; ++quarter) {
    EXPECT_EQ(check(), Action::probe);
  }
  EXPECT_EQ(check(), Action::lost);
}

TEST_F(KeepAliveTest, OneByteEndsTheSilence) {
  for (unsigned quarter = 1; quarter < KeepAlive::silence_allowed; ++quarter)
    EXPECT_NE(check(), Action::lost);
  keepalive.received();
  EXPECT_EQ(check(), Action::ping);
}

TEST_F(KeepAliveTest, SilenceMeansNothingWhileReadingIsPaused) {
  for (unsigned quarter = 0; quarter < 3 * KeepAlive::silence_allowed; ++quarter) {
    EXPECT_EQ(check(true), Action::ping);
  }
}

class LingeringReadTest : public testing::Test {
 protected:
  LingeringReadTest() { lingering.begin({errc::io, "reset"}, now, false); }
  bool check(bool received, bool reading_paused = false) {
    now = lingering.next_check();
    return lingering.check(now, received, reading_paused);
  }

  TimePoint now{};
  LingeringRead lingering{timeout};
};

TEST_F(LingeringReadTest, GoesOnWhileBytesComeAndEndsWithTheFirstQuietInterval) {
  EXPECT_TRUE(lingering.active());
  EXPECT_EQ(lingering.failure().message, "reset");
  EXPECT_EQ(lingering.next_check(), TimePoint() + LingeringRead::interval);
  EXPECT_TRUE(check(true));
  EXPECT_TRUE(check(true));
  EXPECT_FALSE(check(false));
  lingering.reset();
  EXPECT_FALSE(lingering.active());
}

TEST_F(LingeringReadTest, APeerThatOnlySendsEndsAfterTenTimeouts) {
  while (now + LingeringRead::interval < TimePoint() + 10 * timeout) ASSERT_TRUE(check(true));
  EXPECT_FALSE(check(true));
}

TEST_F(LingeringReadTest, AnApplicationThatTakesNothingHasTheTimeout) {
  while (now + LingeringRead::interval < TimePoint() + timeout) ASSERT_TRUE(check(false, true));
  EXPECT_FALSE(check(false, true));
}

TEST_F(LingeringReadTest, ReadingThatWasResumedCountsAsProgress) {
  EXPECT_TRUE(check(false, true));
  EXPECT_TRUE(check(false, false));
  EXPECT_FALSE(check(false, false));
}

}  // namespace
}  // namespace busrt::detail
