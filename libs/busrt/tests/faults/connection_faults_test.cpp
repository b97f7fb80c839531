// Each call to the system that a client's connection takes, on either side, fails once in each way that it
// can. The client recovers or says what is wrong; nobody else notices.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

#include "faults/injector.hpp"
#include "faults/plan.hpp"
#include "faults/stage.hpp"

namespace busrt_faults {
namespace {

constexpr std::size_t most_connection_cases = sanitized ? 60 : 130;

class ConnectionFaults : public testing::TestWithParam<busrt::Way> {
 protected:
  [[nodiscard]] Counts count_calls() {
    Counts most{};
    // Some calls are made or not as threads meet.
    for (int i = 0; i < 3; ++i) {
      stage.begin();
      start_counting();
      const Report report = run_victim(stage.victim(true));
      stop();
      std::vector<std::string> problems;
      for (const Step& step : report.steps) EXPECT_TRUE(step.ok) << step.what << ": " << step.words;
      EXPECT_TRUE(report.whole);
      stage.check(report, problems);
      for (const std::string& problem : problems) ADD_FAILURE() << problem;
      const Counts counts = counted();
      for (std::size_t role = 0; role < counts.size(); ++role) {
        for (std::size_t call = 0; call < call_count; ++call) {
          std::uint64_t& known = most[role][call];
          // How often a thread sleeps is chance.
          const bool fewest = static_cast<Call>(call) == Call::epoll_wait && i != 0;
          known = fewest ? std::min(known, counts[role][call]) : std::max(known, counts[role][call]);
        }
      }
    }
    return most;
  }

  void try_fault(const Target& target, bool reconnecting) {
    const auto began = std::chrono::steady_clock::now();
    stage.begin();
    arm(target);
    const Report report = run_victim(stage.victim(reconnecting));
    stop();
    if (target.call != Call::epoll_wait) {
      met += fired() ? 1U : 0U;
      ++expected;
    }
    std::vector<std::string> problems;
    for (const Step& step : report.steps) judge(step, reconnecting && report.made, problems);
    stage.check(report, problems);
    const auto took = std::chrono::steady_clock::now() - began;
    if (std::getenv("BUSRT_FAULT_SHOW") != nullptr) {
      std::cout << to_string(target) << ": " << std::chrono::duration<double, std::milli>(took).count()
                << " ms\n";
    }
    if (took > slowest) {
      slowest = took;
      slowest_case = to_string(target);
    }
    if (problems.empty()) return;
    std::string text;
    for (const std::string& problem : problems) text += "\n  " + problem;
    for (const std::string& line : stage.log()) text += "\n  log: " + line;
    ADD_FAILURE() << busrt::name_of(GetParam()) << ", " << to_string(target)
                  << (reconnecting ? ", reconnecting" : ", one connection") << (fired() ? "" : ", not met")
                  << ":" << text << "\nagain: " << how_to_repeat(target);
  }

  void judge(const Step& step, bool must_succeed, std::vector<std::string>& problems) {
    if (step.ok) return;
    if (step.hung) problems.push_back(step.what + " neither succeeded nor failed");
    if (step.hung) return;
    const std::string told = step.words + " (" + step.code.message() + ")";
    if (must_succeed) problems.push_back(step.what + " failed: " + told);
    if (!step.code || step.words.empty()) problems.push_back(step.what + " failed without words: " + told);
    ++errors[step.what.substr(0, step.what.find(' ')) + ": " + told];
  }

  Stage stage{GetParam()};
  std::map<std::string, int> errors;
  std::size_t met = 0;  // faults, and how many should have been: threads sleep as often as they like
  std::size_t expected = 0;
  std::chrono::steady_clock::duration slowest{};
  std::string slowest_case;
};

TEST_P(ConnectionFaults, EachCallFailsOnceAndNobodyElseNotices) {
  const auto targets = plan(count_calls(), most_connection_cases);
  std::size_t tried = 0;
  for (const Target& target : targets) {
    // With one connection what failed is told; with more it is overcome.
    for (const bool reconnecting : {false, true}) {
      try_fault(target, reconnecting);
      ++tried;
    }
    if (HasFailure() && std::getenv("BUSRT_FAULT_GO_ON") == nullptr) break;
  }
  using Milliseconds = std::chrono::duration<double, std::milli>;
  std::cout << tried << " faults tried, " << met << " of " << expected << " met; the slowest took "
            << Milliseconds(slowest).count() << " ms: " << slowest_case << '\n';
  if (std::getenv("BUSRT_FAULT_SHOW") != nullptr) {
    for (const auto& [words, times] : errors) std::cout << times << " x " << words << '\n';
  }
  EXPECT_GT(tried, 0U);
  EXPECT_TRUE(met != 0 || std::getenv("BUSRT_FAULT_CASE") == nullptr) << "the fault asked for was never met";
  EXPECT_GE(met * 10, expected * 6) << "calls that are not made any more cannot fail";
}

INSTANTIATE_TEST_SUITE_P(Ways, ConnectionFaults, testing::ValuesIn(busrt::all_ways()),
                         [](const auto& way) { return busrt::name_of(way.param); });

}  // namespace
}  // namespace busrt_faults
