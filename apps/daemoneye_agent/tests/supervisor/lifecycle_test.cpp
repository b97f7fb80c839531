// A collector's life, told by hand: no process, no bus, and a clock that only the test moves.
#include "supervisor/lifecycle.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace daemoneye_agent {
namespace {

using namespace std::chrono_literals;

CollectorSettings settings() {
  CollectorSettings collector;
  collector.name = "procmond";
  collector.start_timeout.value = 10s;
  collector.grace_period.value = 4s;
  collector.health.interval.value = 2s;
  collector.health.timeout.value = 1s;
  collector.health.max_missed.value = 3;
  collector.restart.initial_backoff.value = 100ms;
  collector.restart.max_backoff.value = 1s;
  collector.restart.max_restarts.value = 3;
  collector.restart.window.value = 60s;
  collector.restart.stable.value = 30s;
  return collector;
}

/// The actions as words: "spawn", "announce:started", ...
std::vector<std::string> words(const Actions& actions) {
  std::vector<std::string> result;
  for (const auto& one : actions) {
    if (std::holds_alternative<action::Spawn>(one)) result.emplace_back("spawn");
    if (std::holds_alternative<action::CheckHealth>(one)) result.emplace_back("check");
    if (std::holds_alternative<action::CallShutdown>(one)) result.emplace_back("shutdown");
    if (std::holds_alternative<action::Terminate>(one)) result.emplace_back("term");
    if (std::holds_alternative<action::Kill>(one)) result.emplace_back("kill");
    if (std::holds_alternative<action::Alert>(one)) result.emplace_back("alert");
    if (const auto* news = std::get_if<action::Announce>(&one))
      result.push_back("announce:" + std::string(news->what));
  }
  return result;
}

using Words = std::vector<std::string>;

class LifecycleTest : public ::testing::Test {
 protected:
  /// Moves the clock to the next deadline and ticks.
  Words next() {
    const auto due = life_.deadline();
    EXPECT_TRUE(due.has_value());
    if (!due) return {};
    now_ = std::max(now_, *due);
    return words(life_.tick(now_));
  }
  void come_up() {
    if (life_.state() != CollectorState::starting) {
      EXPECT_EQ(words(life_.start(now_)), Words{"spawn"});
    }
    EXPECT_EQ(words(life_.spawned(41, now_)), Words{"announce:started"});
    EXPECT_EQ(next(), Words{"check"});
    EXPECT_EQ(words(life_.health_answered(now_)), Words{"announce:registered"});
    EXPECT_EQ(life_.state(), CollectorState::running);
  }

  CollectorLifecycle life_{settings()};
  Instant now_{};
};

TEST_F(LifecycleTest, OneThatAnEarlierAgentHasStartedIsRunningOnceItAnswers) {
  now_ += 100s;
  EXPECT_EQ(words(life_.adopted(41, now_ - 90s, now_)), Words{"announce:adopted"});
  EXPECT_EQ(life_.state(), CollectorState::starting);
  EXPECT_EQ(life_.pid(), 41);
  EXPECT_EQ(life_.started_at(), now_ - 90s);
  EXPECT_EQ(next(), Words{"check"});
  EXPECT_EQ(words(life_.health_answered(now_)), Words{"announce:registered"});
  EXPECT_EQ(life_.restarts(), 0U);
}

TEST_F(LifecycleTest, OneThatAnEarlierAgentHasStartedAndThatIsDeafIsReplaced) {
  static_cast<void>(life_.adopted(41, now_, now_));
  Words last;
  for (int i = 0; i < 1000 && last != Words{"announce:unresponsive", "kill"}; ++i) {
    last = next();
    if (last == Words{"check"}) static_cast<void>(life_.health_missed("no answer", now_));
  }
  EXPECT_EQ(last, (Words{"announce:unresponsive", "kill"}));
  EXPECT_EQ(words(life_.exited({true, SIGKILL}, now_, 0)), (Words{"announce:exited", "announce:restarting"}));
}

TEST_F(LifecycleTest, OneThatIsTakenOverCanBeStoppedAtOnce) {
  static_cast<void>(life_.adopted(41, now_, now_));
  EXPECT_EQ(words(life_.stop(now_)), Words{"term"});
  EXPECT_EQ(words(life_.exited({false, 0}, now_, 0)), Words{"announce:stopped"});
  EXPECT_TRUE(life_.settled());
}

TEST_F(LifecycleTest, IsRunningOnceItAnswersAHealthCheck) {
  EXPECT_EQ(life_.state(), CollectorState::stopped);
  EXPECT_EQ(words(life_.start(now_)), Words{"spawn"});
  EXPECT_EQ(words(life_.spawned(41, now_)), Words{"announce:started"});
  EXPECT_EQ(life_.state(), CollectorState::starting);
  EXPECT_EQ(next(), Words{"check"});
  EXPECT_EQ(words(life_.health_missed("not registered", now_)), Words{});
  EXPECT_EQ(next(), Words{"check"});
  EXPECT_EQ(words(life_.health_answered(now_)), Words{"announce:registered"});
  EXPECT_EQ(life_.state(), CollectorState::running);
  EXPECT_EQ(life_.pid(), 41);
}

TEST_F(LifecycleTest, OneThatNeverComesUpIsKilledAtTheDeadline) {
  static_cast<void>(life_.start(now_));
  static_cast<void>(life_.spawned(41, now_));
  Words last;
  int ticks = 0;
  while (life_.deadline() && ++ticks < 1000) {
    last = next();
    if (last == Words{"check"}) static_cast<void>(life_.health_missed("not registered", now_));
  }
  EXPECT_EQ(last, (Words{"announce:unresponsive", "kill"}));
  EXPECT_EQ(now_, Instant{} + 10s);
  EXPECT_EQ(words(life_.exited({true, SIGKILL}, now_, 0.0)),
            (Words{"announce:exited", "announce:restarting"}));
  EXPECT_NE(life_.reason().find("did not come up on the bus within 10000 ms"), std::string::npos);
}

TEST_F(LifecycleTest, OneThatRefusesItsCommandLineIsNotStartedAgain) {
  static_cast<void>(life_.start(now_));
  static_cast<void>(life_.spawned(41, now_));
  EXPECT_EQ(words(life_.exited({false, 2}, now_, 0.0, "method: expected a word")),
            (Words{"announce:exited", "announce:failed", "alert"}));
  EXPECT_EQ(life_.state(), CollectorState::failed);
  EXPECT_EQ(life_.restarts(), 0U);
  EXPECT_EQ(life_.reason(),
            "given up: it refuses its command line or settings; correct them and start the agent again; "
            "ended with exit code 2; its last error: method: expected a word");
  EXPECT_FALSE(life_.deadline());
}

TEST_F(LifecycleTest, TheSameExitCodeOfOneThatWasUpIsAnEndLikeAnyOther) {
  come_up();
  EXPECT_EQ(words(life_.exited({false, 2}, now_, 0.0)), (Words{"announce:exited", "announce:restarting"}));
}

TEST_F(LifecycleTest, OneThatDiesIsStartedAgainAfterABackoffThatDoubles) {
  come_up();
  std::vector<std::chrono::milliseconds> waits;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(words(life_.exited({false, 1}, now_, 0.999999)),
              (Words{"announce:exited", "announce:restarting"}));
    EXPECT_EQ(life_.state(), CollectorState::backoff);
    const auto before = now_;
    EXPECT_EQ(next(), Words{"spawn"});
    waits.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(now_ - before));
    come_up();
  }
  EXPECT_EQ(waits, (std::vector<std::chrono::milliseconds>{99ms, 199ms, 399ms}));
  EXPECT_EQ(life_.restarts(), 3U);
  EXPECT_EQ(life_.last_exit()->describe(), "exit code 1");
}

TEST_F(LifecycleTest, GivesUpLoudlyAfterTooManyRestartsInTheWindow) {
  come_up();
  for (int i = 0; i < 3; ++i) {
    static_cast<void>(life_.exited({false, 1}, now_, 0.0));
    EXPECT_EQ(next(), Words{"spawn"});
    static_cast<void>(life_.spawned(50 + i, now_));
  }
  EXPECT_EQ(words(life_.exited({false, 1}, now_, 0.0)),
            (Words{"announce:exited", "announce:failed", "alert"}));
  EXPECT_EQ(life_.state(), CollectorState::failed);
  EXPECT_EQ(life_.reason(), "given up: more than 3 restarts within 60 s; last: ended with exit code 1");
  EXPECT_FALSE(life_.deadline());
  EXPECT_TRUE(life_.settled());
}

TEST_F(LifecycleTest, RestartsOutsideTheWindowDoNotCount) {
  come_up();
  for (int i = 0; i < 20; ++i) {
    now_ += 61s;
    static_cast<void>(life_.exited({false, 1}, now_, 0.0));
    ASSERT_EQ(life_.state(), CollectorState::backoff) << i;
    EXPECT_EQ(next(), Words{"spawn"});
    come_up();
  }
}

TEST_F(LifecycleTest, AStableTimeMakesTheBackoffSmallAgain) {
  come_up();
  for (int i = 0; i < 2; ++i) {
    static_cast<void>(life_.exited({false, 1}, now_, 0.0));
    EXPECT_EQ(next(), Words{"spawn"});
    come_up();
  }
  now_ += 30s;
  static_cast<void>(life_.exited({false, 1}, now_, 0.0));
  EXPECT_EQ(*life_.deadline(), now_ + 50ms);
}

TEST_F(LifecycleTest, AProgramThatCannotBeStartedCountsAsADeath) {
  static_cast<void>(life_.start(now_));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(words(life_.spawn_failed("no such file", now_, 0.0)),
              (Words{"announce:exited", "announce:restarting"}));
    EXPECT_EQ(next(), Words{"spawn"});
  }
  EXPECT_EQ(words(life_.spawn_failed("no such file", now_, 0.0)),
            (Words{"announce:exited", "announce:failed", "alert"}));
  EXPECT_NE(life_.reason().find("no such file"), std::string::npos);
}

TEST_F(LifecycleTest, AHungOneIsBlindSinceItsLastAnswer) {
  come_up();
  EXPECT_FALSE(life_.silent_since());
  const Instant answered = now_;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(next(), Words{"check"});
    static_cast<void>(life_.health_missed("timeout", now_));
    EXPECT_EQ(life_.silent_since(), answered);
  }
  // Until the kernel has ended it, it is still silent, whatever it says.
  now_ += 7s;
  static_cast<void>(life_.health_answered(now_));
  EXPECT_EQ(life_.silent_since(), answered);
  static_cast<void>(life_.exited({true, SIGKILL}, now_, 0.0));
  EXPECT_EQ(life_.blind_since(), answered);
  EXPECT_FALSE(life_.silent_since());
}

TEST_F(LifecycleTest, OneThatAnsweredLastIsBlindSinceItsEnd) {
  come_up();
  EXPECT_EQ(next(), Words{"check"});
  static_cast<void>(life_.health_missed("timeout", now_));
  EXPECT_EQ(next(), Words{"check"});
  static_cast<void>(life_.health_answered(now_));
  now_ += 1s;
  static_cast<void>(life_.exited({true, SIGKILL}, now_, 0.0));
  EXPECT_EQ(life_.blind_since(), now_);
}

TEST_F(LifecycleTest, OneThatNeverCameUpIsBlindSinceItsStart) {
  static_cast<void>(life_.start(now_));
  static_cast<void>(life_.spawned(41, now_));
  const Instant started = now_;
  now_ += 5s;
  static_cast<void>(life_.exited({false, 1}, now_, 0.0));
  EXPECT_EQ(life_.blind_since(), started);
}

TEST_F(LifecycleTest, ThreeMissedChecksInARowKillIt) {
  come_up();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(next(), Words{"check"});
    EXPECT_EQ(words(life_.health_missed("timeout", now_)), Words{});
  }
  EXPECT_EQ(next(), Words{"check"});
  EXPECT_EQ(words(life_.health_answered(now_)), Words{});
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(next(), Words{"check"});
    EXPECT_EQ(words(life_.health_missed("timeout", now_)), Words{});
  }
  EXPECT_EQ(next(), Words{"check"});
  EXPECT_EQ(words(life_.health_missed("timeout", now_)), (Words{"announce:unresponsive", "kill"}));
  EXPECT_FALSE(life_.deadline()) << "nothing to do until the kernel says that it is gone";
  EXPECT_EQ(words(life_.exited({true, SIGKILL}, now_, 0.0)),
            (Words{"announce:exited", "announce:restarting"}));
  EXPECT_EQ(life_.reason(), "did not answer 3 health checks in a row: timeout");
}

TEST_F(LifecycleTest, OnlyOneCheckIsUnderWayAtATime) {
  come_up();
  EXPECT_EQ(next(), Words{"check"});
  EXPECT_FALSE(life_.deadline());
  EXPECT_EQ(words(life_.tick(now_ + 1h)), Words{});
}

TEST_F(LifecycleTest, StopsByCallThenTermThenKill) {
  come_up();
  const auto asked = now_;
  EXPECT_EQ(words(life_.stop(now_)), Words{"shutdown"});
  EXPECT_EQ(next(), Words{"term"});
  EXPECT_EQ(now_, asked + 2s);
  EXPECT_EQ(next(), Words{"kill"});
  EXPECT_EQ(now_, asked + 4s);
  EXPECT_FALSE(life_.settled());
  EXPECT_EQ(words(life_.exited({true, SIGKILL}, now_, 0.0)), Words{"announce:stopped"});
  EXPECT_TRUE(life_.settled());
  EXPECT_FALSE(life_.deadline());
}

TEST_F(LifecycleTest, AnOrderlyStopIsNotADeath) {
  come_up();
  static_cast<void>(life_.stop(now_));
  EXPECT_EQ(words(life_.exited({false, 0}, now_, 0.0)), Words{"announce:stopped"});
  EXPECT_EQ(life_.state(), CollectorState::stopped);
  EXPECT_EQ(life_.restarts(), 0U);
}

TEST_F(LifecycleTest, ARefusedShutdownCallMeansTermAtOnce) {
  come_up();
  static_cast<void>(life_.stop(now_));
  EXPECT_EQ(words(life_.shutdown_refused(now_)), Words{"term"});
  EXPECT_EQ(words(life_.shutdown_refused(now_)), Words{});
}

TEST_F(LifecycleTest, OneThatIsNotUpYetIsTerminatedWithoutACall) {
  static_cast<void>(life_.start(now_));
  static_cast<void>(life_.spawned(41, now_));
  EXPECT_EQ(words(life_.stop(now_)), Words{"term"});
}

TEST_F(LifecycleTest, AStopDuringBackoffStartsNothing) {
  come_up();
  static_cast<void>(life_.exited({false, 1}, now_, 0.0));
  EXPECT_EQ(words(life_.stop(now_)), Words{"announce:stopped"});
  EXPECT_FALSE(life_.deadline());
}

TEST_F(LifecycleTest, HasteKillsOnlyWhatIsStopping) {
  come_up();
  EXPECT_EQ(words(life_.hasten()), Words{});
  static_cast<void>(life_.stop(now_));
  EXPECT_EQ(words(life_.hasten()), Words{"kill"});
  EXPECT_FALSE(life_.deadline());
}

TEST_F(LifecycleTest, ALateAnswerAfterTheStopChangesNothing) {
  come_up();
  EXPECT_EQ(next(), Words{"check"});
  static_cast<void>(life_.stop(now_));
  EXPECT_EQ(words(life_.health_answered(now_)), Words{});
  EXPECT_EQ(words(life_.health_missed("timeout", now_)), Words{});
  EXPECT_EQ(life_.state(), CollectorState::stopping);
}

TEST(RestartLimit, ZeroMeansNever) {
  RestartLimit limit(0, 60s);
  EXPECT_FALSE(limit.allow(Instant{}));
}

TEST(LifecyclePatience, ASilenceThatTheBusMayCauseIsNotTakenForAHungCollector) {
  auto patient = settings();
  patient.bus_patience = 12s;
  CollectorLifecycle life(patient);
  Instant now{};
  static_cast<void>(life.start(now));
  EXPECT_EQ(life.deadline(), now + 12s)
      << "longer than start_timeout, for the first answer may be held as well";
  static_cast<void>(life.spawned(41, now));
  static_cast<void>(life.tick(now = *life.deadline()));
  static_cast<void>(life.health_answered(now));
  const auto answered = now;
  Words last;
  for (int ticks = 0; last != Words{"announce:unresponsive", "kill"} && ticks < 100; ++ticks) {
    now = *life.deadline();
    if (words(life.tick(now)) == Words{"check"}) last = words(life.health_missed("no answer", now += 1s));
  }
  EXPECT_GE(now - answered, 12s);
  EXPECT_LE(now - answered, 15s) << "one more check later at most";
}

TEST(LifecyclePatience, EachSlowReaderThatTheBusEndsBeginsThePatienceAnew) {
  auto patient = settings();
  patient.bus_patience = 12s;
  CollectorLifecycle life(patient);
  Instant now{};
  static_cast<void>(life.start(now));
  static_cast<void>(life.spawned(41, now));
  life.stall_ended(now += 10s);
  EXPECT_NE(life.deadline(), std::nullopt);
  static_cast<void>(life.health_answered(now));
  const auto check = [&] {
    now = std::max(now, *life.deadline());
    static_cast<void>(life.tick(now));
    return words(life.health_missed("no answer", now += 1s));
  };
  for (const Instant end = now + 60s; now < end;) {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(check(), Words{});
    life.stall_ended(now);
  }
  const auto last_stall = now;
  Words last;
  while (last.empty() && now < last_stall + 60s) last = check();
  EXPECT_EQ(last, (Words{"announce:unresponsive", "kill"}));
  EXPECT_GE(now - last_stall, 12s);
}

}  // namespace
}  // namespace daemoneye_agent
