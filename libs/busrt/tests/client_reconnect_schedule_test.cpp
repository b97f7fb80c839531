// When a client tries to connect again, and when it gives up.
#include <gtest/gtest.h>

#include <chrono>

#include "client/reconnect_schedule.hpp"

namespace busrt::detail {
namespace {

using namespace std::chrono_literals;
using Due = ReconnectSchedule::Due;
using TimePoint = ReconnectSchedule::TimePoint;

constexpr TimePoint begin{};
constexpr auto stable = 5000ms;
/// Just below one: the longest delay, but for a millisecond.
constexpr double longest = 0.999999;

ReconnectPolicy policy() {
  ReconnectPolicy made;
  made.first_delay = 100ms;
  made.most_delay = 400ms;
  return made;
}

const Error lost{errc::io, "reset"};

TEST(ReconnectSchedule, DelaysGrowUpToTheirMaximumAndAreDrawnBelowIt) {
  ReconnectSchedule schedule(policy(), stable);
  EXPECT_EQ(schedule.schedule(begin, true, longest), 99ms);
  EXPECT_EQ(schedule.schedule(begin, true, longest), 199ms);
  EXPECT_EQ(schedule.schedule(begin, true, longest), 399ms);
  EXPECT_EQ(schedule.schedule(begin, true, longest), 399ms);
  EXPECT_EQ(schedule.schedule(begin, true, 0), 0ms);
}

TEST(ReconnectSchedule, AnAttemptIsDueAfterItsDelay) {
  ReconnectSchedule schedule(policy(), stable);
  schedule.schedule(begin, true, 0.5);
  EXPECT_EQ(schedule.next_due(), begin + 50ms);
  EXPECT_EQ(schedule.due(begin + 49ms), Due::nothing);
  EXPECT_EQ(schedule.due(begin + 50ms), Due::attempt);
}

TEST(ReconnectSchedule, OnlyAConnectionThatLastedMakesTheDelaysShortAgain) {
  ReconnectSchedule schedule(policy(), stable);
  schedule.schedule(begin, true, longest);
  schedule.connected(begin);
  schedule.connection_lost(begin + stable - 1ms);
  EXPECT_EQ(schedule.schedule(begin, true, longest), 199ms);
  schedule.connected(begin);
  schedule.connection_lost(begin + stable);
  EXPECT_EQ(schedule.schedule(begin, true, longest), 99ms);
}

TEST(ReconnectSchedule, CountsAttemptsSinceTheLastConnection) {
  ReconnectSchedule schedule(policy(), stable);
  schedule.begin(begin);
  schedule.attempt_begins();
  schedule.attempt_begins();
  EXPECT_EQ(schedule.attempts(), 2U);
  schedule.connected(begin);
  EXPECT_EQ(schedule.attempts(), 0U);
}

TEST(ReconnectSchedule, RefusalsThatTimeDoesNotChangeAreFinal) {
  const ReconnectSchedule schedule(policy(), stable);
  EXPECT_TRUE(schedule.may_retry(lost, begin, true, true));
  EXPECT_TRUE(schedule.may_retry({errc::busy}, begin, true, true));
  EXPECT_TRUE(schedule.may_retry({errc::not_registered}, begin, true, true));
  for (const errc code : {errc::access, errc::data, errc::not_supported, errc::bad_address, errc::closed}) {
    EXPECT_FALSE(schedule.may_retry({code}, begin, true, true)) << make_error_code(code).message();
  }
}

TEST(ReconnectSchedule, WithoutReconnectOrWithoutNeedThereIsNoOtherAttempt) {
  auto disabled = policy();
  disabled.enabled = false;
  EXPECT_FALSE(ReconnectSchedule(disabled, stable).may_retry(lost, begin, true, true));
  EXPECT_FALSE(ReconnectSchedule(policy(), stable).may_retry(lost, begin, true, false));
}

TEST(ReconnectSchedule, TheFirstConnectionIsTriedOnceOrForItsTime) {
  ReconnectSchedule once(policy(), stable);
  once.begin(begin);
  EXPECT_FALSE(once.may_retry(lost, begin, false, true));
  auto patient = policy();
  patient.first_connect = 1000ms;
  ReconnectSchedule schedule(patient, stable);
  schedule.begin(begin);
  EXPECT_TRUE(schedule.may_retry(lost, begin + 999ms, false, true));
  EXPECT_FALSE(schedule.may_retry(lost, begin + 1000ms, false, true));
  EXPECT_EQ(schedule.due(begin + 1000ms), Due::give_up);
}

TEST(ReconnectSchedule, GivesUpATimeAfterTheLossAndAConnectionEndsThat) {
  auto limited = policy();
  limited.give_up_after = 1000ms;
  ReconnectSchedule schedule(limited, stable);
  schedule.begin(begin);
  schedule.connected(begin);
  schedule.schedule(begin, true, longest);
  // A later failure does not put it off.
  schedule.schedule(begin + 500ms, true, longest);
  EXPECT_EQ(schedule.due(begin + 1000ms), Due::give_up);
  EXPECT_FALSE(schedule.may_retry(lost, begin + 1000ms, true, true));
  schedule.connected(begin + 600ms);
  EXPECT_TRUE(schedule.may_retry(lost, begin + 1000ms, true, true));
}

}  // namespace
}  // namespace busrt::detail
