// Broker and clients in thousands of seeded worlds. To see one again, with every line of its trace:
//
//   BUSRT_SIMULATION_SEED=1234 build/release/tests/busrt_simulation_tests --gtest_filter='Simulation.*seed'
//
// BUSRT_SIMULATION_SEEDS says how many worlds a test looks at; that many once more from another seed on with
// BUSRT_SIMULATION_FIRST.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include "busrt_testing/sanitizers.hpp"
#include "world.hpp"

namespace busrt::simulation {
namespace {

constexpr std::uint64_t usual_seeds = busrt_testing::under_sanitizer ? 60 : 500;

constexpr std::string_view hash_line = "hash of the trace: ";

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
  const Outcome outcome = run(seed.value_or(1), {.trace = seed ? &std::cout : nullptr});
  std::cout << hash_line << std::hex << outcome.trace_hash << std::dec << '\n';
  if (outcome.violation) ADD_FAILURE() << describe(seed.value_or(1), outcome);
}

TEST(Simulation, a_seed_makes_the_same_happen_again) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Outcome first = run(seed);
    static_cast<void>(run(seed + 1000));
    EXPECT_EQ(run(seed).trace_hash, first.trace_hash) << "seed " << seed;
    EXPECT_NE(run(seed + 1).trace_hash, first.trace_hash);
  }
}

/// The seed's hash as another process computes it, whose addresses and keys are others.
std::string hash_elsewhere(std::uint64_t seed) {
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  const std::string command = "BUSRT_SIMULATION_SEED=" + std::to_string(seed) + " '" + self +
                              "' --gtest_filter='Simulation.runs_the_environments_seed'";
  const std::unique_ptr<FILE, int (*)(FILE*)> output(::popen(command.c_str(), "r"), ::pclose);
  std::string hash;
  std::array<char, 512> line{};
  while (std::fgets(line.data(), line.size(), output.get()) != nullptr) {
    const std::string_view text(line.data());
    if (text.starts_with(hash_line)) hash = text.substr(hash_line.size(), text.size() - hash_line.size() - 1);
  }
  return hash;
}

TEST(Simulation, a_seed_makes_the_same_happen_in_another_process) {
  for (const std::uint64_t seed : {3U, 14U, 159U}) {
    std::ostringstream here;
    here << std::hex << run(seed).trace_hash;
    EXPECT_EQ(hash_elsewhere(seed), here.str()) << "seed " << seed;
  }
}

// ---- that the rules can be broken ----

/// By rule, how many of some worlds report it.
std::map<std::string, int> reports(Sabotage::Kind kind, std::uint64_t seeds) {
  std::map<std::string, int> found;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    Sabotage sabotage(kind, seed % 7);
    const Outcome outcome = run(seed, {.weather = Weather::calm, .sabotage = &sabotage});
    if (outcome.violation) ++found[outcome.violation->rule];
    EXPECT_TRUE(sabotage.done() || !outcome.violation) << "seed " << seed;
  }
  return found;
}

TEST(Simulation, a_frame_that_the_network_alters_is_a_phantom) {
  const auto found = reports(Sabotage::Kind::alter, 20);
  EXPECT_EQ(found.size(), 1U);
  EXPECT_GE(found.at("phantom"), 15);
}

TEST(Simulation, a_frame_that_the_network_repeats_is_out_of_order) {
  const auto found = reports(Sabotage::Kind::duplicate, 20);
  EXPECT_EQ(found.size(), 1U);
  EXPECT_GE(found.at("order"), 15);
}

TEST(Simulation, frames_that_the_network_exchanges_are_out_of_order) {
  const auto found = reports(Sabotage::Kind::swap, 40);
  EXPECT_EQ(found.size(), 1U);
  EXPECT_GE(found.at("order"), 10);
}

TEST(Simulation, a_frame_that_the_network_drops_was_to_arrive_at_least_once) {
  const auto found = reports(Sabotage::Kind::drop, 20);
  EXPECT_GE(found.at("at_least_once"), 10);
  // Where it was not certain that the frame had to arrive, the numbers differ all the same.
  for (const auto& [rule, times] : found) EXPECT_TRUE(rule == "at_least_once" || rule == "books") << rule;
}

TEST(Simulation, a_loss_that_the_broker_does_not_count_is_missing_in_the_books) {
  int found = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const Outcome outcome = run(seed, {.hide_a_loss = true});
    if (!outcome.violation) continue;
    EXPECT_EQ(outcome.violation->rule, "books");
    ++found;
  }
  EXPECT_GE(found, 10);
}

TEST(Simulation, a_failing_seed_says_which_rule_and_how_to_see_it_again) {
  Sabotage sabotage(Sabotage::Kind::alter, 0);
  const Outcome outcome = run(1, {.weather = Weather::calm, .sabotage = &sabotage});
  ASSERT_TRUE(outcome.violation);
  const std::string text = describe(1, outcome);
  EXPECT_NE(text.find("seed 1 violates phantom: "), std::string::npos);
  EXPECT_NE(text.find("receives operation "), std::string::npos);
  EXPECT_NE(text.find("BUSRT_SIMULATION_SEED=1 "), std::string::npos);
}

}  // namespace
}  // namespace busrt::simulation
