// Exceptions in the agent: counted by their place, told to the log with a limit, and from any thread.
#include "faults.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

namespace daemoneye_agent {
namespace {

TEST(Faults, AreCountedByTheirPlaceWithTheLastOne) {
  Faults faults(Logger([](busrt::base::LogLevel, std::string_view) {}));
  EXPECT_TRUE(faults.complaints().empty());
  faults.note("the intake", "first");
  faults.note("the intake", "second");
  faults.note("the bus", "gone");
  EXPECT_EQ(faults.complaints(),
            (std::vector<std::string>{"a fault of the agent in the bus: gone",
                                      "a fault of the agent in the intake: second (2 times)"}));
}

TEST(Faults, AGuardedCallThatThrowsIsNoted) {
  Faults faults(Logger([](busrt::base::LogLevel, std::string_view) {}));
  int calls = 0;
  faults.guard("a step", [&calls] { ++calls; });
  EXPECT_TRUE(faults.complaints().empty());
  faults.guard("a step", [] { throw std::runtime_error("no step"); });
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(faults.complaints(), std::vector<std::string>{"a fault of the agent in a step: no step"});
}

TEST(Faults, ThatRepeatDoNotFillTheLog) {
  std::size_t lines = 0;
  Faults faults(Logger([&lines](busrt::base::LogLevel, std::string_view) { ++lines; }));
  for (int i = 0; i < 1000; ++i) faults.note("the intake", "bad frame");
  EXPECT_LE(lines, 10U);
  EXPECT_EQ(faults.complaints().front(), "a fault of the agent in the intake: bad frame (1000 times)");
}

TEST(Faults, ComeFromTwoThreads) {
  Faults faults(Logger([](busrt::base::LogLevel, std::string_view) {}));
  const auto noter = [&faults] {
    for (int i = 0; i < 1000; ++i) faults.note("a place", "what");
  };
  std::thread other(noter);
  noter();
  other.join();
  EXPECT_EQ(faults.complaints().front(), "a fault of the agent in a place: what (2000 times)");
}

}  // namespace
}  // namespace daemoneye_agent
