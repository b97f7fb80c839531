// Broker and clients in thousands of seeded worlds. To see one again, with every line of its trace:
//
//   BUSRT_SIMULATION_SEED=1234 build/release/tests/busrt_simulation_tests --gtest_filter='Simulation.*seed'
//
// BUSRT_SIMULATION_SEEDS says how many worlds a test looks at; that many once more from another seed on with
// BUSRT_SIMULATION_FIRST.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <string>

#include "world.hpp"

namespace busrt::simulation {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t usual_seeds = 60;
#else
constexpr std::uint64_t usual_seeds = 600;
#endif

std::optional<std::uint64_t> from_environment(const char* name) {
  const char* const text = std::getenv(name);
  return text == nullptr ? std::nullopt : std::optional<std::uint64_t>(std::stoull(text));
}

Outcome run(std::uint64_t seed, const RunOptions& options = {}) {
  return World(seed, options).run();
}

std::string describe(std::uint64_t seed, const Outcome& outcome) {
  return "seed " + std::to_string(seed) + " violates " + outcome.violation->rule + ": " +
         outcome.violation->details + "\nthe last lines of its trace:\n" + outcome.last_lines +
         "to see it again, whole:\nBUSRT_SIMULATION_SEED=" + std::to_string(seed) +
         " build/release/tests/busrt_simulation_tests --gtest_filter='Simulation.*seed'\n";
}

/// Each shard of ctest has its own seeds.
class SimulatedWorlds : public testing::TestWithParam<std::uint64_t> {};

TEST_P(SimulatedWorlds, keep_order_lose_nothing_uncounted_and_recover) {
  const std::uint64_t seeds = from_environment("BUSRT_SIMULATION_SEEDS").value_or(usual_seeds);
  const std::uint64_t first = from_environment("BUSRT_SIMULATION_FIRST").value_or(1) + GetParam() * seeds;
  std::uint64_t operations = 0, received = 0, connections = 0, failed = 0;
  Duration simulated{};
  const Duration began = real_time();
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    const Outcome outcome = run(seed);
    operations += outcome.operations;
    received += outcome.received;
    connections += outcome.connections;
    simulated += outcome.simulated;
    if (!outcome.violation) continue;
    ADD_FAILURE() << describe(seed, outcome);
    if (++failed == 3) break;
  }
  const double seconds = std::chrono::duration<double>(real_time() - began).count();
  std::cout << seeds << " worlds in " << std::setprecision(3) << seconds << " s: " << operations
            << " operations, " << received << " frames received, " << connections << " connections, "
            << std::chrono::duration_cast<std::chrono::seconds>(simulated).count() << " s of their time\n";
  EXPECT_GT(received, 0U);
}

INSTANTIATE_TEST_SUITE_P(OfSeeds, SimulatedWorlds, testing::Range<std::uint64_t>(0, 4));

TEST(Simulation, runs_the_environments_seed) {
  const auto seed = from_environment("BUSRT_SIMULATION_SEED");
  if (!seed) GTEST_SKIP() << "BUSRT_SIMULATION_SEED is not set";
  const Outcome outcome = run(*seed, {.trace = &std::cout});
  std::cout << "hash of the trace: " << std::hex << outcome.trace_hash << std::dec << '\n';
  if (outcome.violation) ADD_FAILURE() << describe(*seed, outcome);
}

TEST(Simulation, a_seed_makes_the_same_happen_again) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Outcome first = run(seed);
    static_cast<void>(run(seed + 1000));
    EXPECT_EQ(run(seed).trace_hash, first.trace_hash) << "seed " << seed;
    EXPECT_NE(run(seed + 1).trace_hash, first.trace_hash);
  }
}

}  // namespace
}  // namespace busrt::simulation
