#include "faults/plan.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>

namespace busrt_faults {

namespace {

std::vector<Target> thinned(std::vector<Target> all, std::size_t most) {
  if (const char* one = std::getenv("BUSRT_FAULT_CASE")) return {parse_target(one)};
  const char* everything = std::getenv("BUSRT_FAULT_ALL");
  if (all.size() <= most || (everything != nullptr && std::string_view(everything) == "1")) return all;
  const std::size_t stride = (all.size() + most - 1) / most;
  const char* given = std::getenv("BUSRT_FAULT_SEED");
  const unsigned long seed = given != nullptr ? std::strtoul(given, nullptr, 10) : std::random_device{}();
  std::cout << "every " << stride << "th of " << all.size() << " faults, BUSRT_FAULT_SEED=" << seed << '\n';
  std::vector<Target> some;
  for (std::size_t i = seed % stride; i < all.size(); i += stride) some.push_back(all[i]);
  return some;
}

void add(std::vector<Target>& all, Role role, Call call, const Counts& counted) {
  const std::uint64_t calls = counted[static_cast<std::size_t>(role)][static_cast<std::size_t>(call)];
  for (std::uint64_t number = 1; number <= calls; ++number) {
    for (const Fault& fault : faults_of(call)) all.push_back({role, call, number, &fault});
  }
}

}  // namespace

std::vector<Target> plan(const Counts& counted, std::size_t most) {
  std::vector<Target> all;
  for (const Role role : {Role::broker, Role::victim}) {
    for (std::size_t call = 0; call < call_count; ++call) {
      if (static_cast<Call>(call) != Call::allocate) add(all, role, static_cast<Call>(call), counted);
    }
  }
  return thinned(std::move(all), most);
}

std::vector<Target> plan_of(Call call, const Counts& counted, std::size_t most) {
  std::vector<Target> all;
  for (const Role role : {Role::broker, Role::victim}) add(all, role, call, counted);
  return thinned(std::move(all), most);
}

std::string how_to_repeat(const Target& target) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  return "BUSRT_FAULT_CASE=" + to_string(target) +
         " build/release/tests/busrt_fault_tests --gtest_filter=" + test->test_suite_name() + "." +
         test->name();
}

}  // namespace busrt_faults
