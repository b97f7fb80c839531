// Each allocation on the broker's threads while a client connects, talks and leaves fails once. Whoever was
// served then may lose its connection; the broker goes on with everybody else.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <tuple>

#include "faults/injector.hpp"
#include "faults/plan.hpp"
#include "faults/stage.hpp"

namespace busrt_faults {
namespace {

constexpr std::size_t most_allocations = 40;

/// With three shards, the victim, the bystander and newcomers come to every pair of shards in turn.
class AllocationFaults : public testing::TestWithParam<std::tuple<busrt::Way, std::size_t>> {
 protected:
  [[nodiscard]] Counts count_allocations() {
    stage.begin();
    start_counting();
    const Report report = run_victim(stage.victim(true));
    stop();
    EXPECT_TRUE(report.whole);
    Counts counts = counted();
    std::vector<std::string> problems;
    stage.check(report, problems);
    EXPECT_TRUE(problems.empty());
    counts[static_cast<std::size_t>(Role::victim)] = {};
    return counts;
  }

  void try_fault(const Target& target) {
    stage.begin();
    arm(target);
    const Report report = run_victim(stage.victim(true));
    stop();
    met += fired() ? 1U : 0U;
    std::vector<std::string> problems;
    for (const Step& step : report.steps) {
      if (!step.ok) problems.push_back(step.what + (step.hung ? " hangs" : " failed: " + step.words));
    }
    stage.check(report, problems);
    if (problems.empty()) return;
    std::string text;
    for (const std::string& problem : problems) text += "\n  " + problem;
    for (const std::string& line : stage.log()) text += "\n  log: " + line;
    ADD_FAILURE() << busrt::name_of(std::get<0>(GetParam())) << ", " << std::get<1>(GetParam()) << " shards, "
                  << to_string(target) << ":" << text << "\nagain: " << how_to_repeat(target);
  }

  Stage stage{std::get<0>(GetParam()), true, std::get<1>(GetParam())};
  std::size_t met = 0;
};

TEST_P(AllocationFaults, OneThatFailsCostsAtMostTheConnectionItWasFor) {
  const auto targets = plan_of(Call::allocate, count_allocations(), most_allocations);
  ASSERT_FALSE(targets.empty());
  for (const Target& target : targets) {
    const auto began = std::chrono::steady_clock::now();
    try_fault(target);
    if (std::getenv("BUSRT_FAULT_SHOW") != nullptr) {
      const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
      std::cout << to_string(target) << ": " << took.count() << " ms" << std::endl;
    }
    if (HasFailure() && std::getenv("BUSRT_FAULT_GO_ON") == nullptr) break;
  }
  std::cout << targets.size() << " faults tried, " << met << " met\n";
  EXPECT_GE(met * 10, targets.size() * 5);
}

INSTANTIATE_TEST_SUITE_P(Ways, AllocationFaults,
                         testing::Combine(testing::ValuesIn(busrt::all_ways()), testing::Values(1U, 3U)),
                         [](const auto& each) {
                           return busrt::name_of(std::get<0>(each.param)) + "_" +
                                  std::to_string(std::get<1>(each.param)) + "_shards";
                         });

}  // namespace
}  // namespace busrt_faults
