// Names to addresses, with the system's own resolver.
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "busrt/limits.hpp"
#include "transport/name_lookup.hpp"

namespace busrt::transport {
namespace {

using namespace std::chrono_literals;

TEST(NameLookup, GivesTheNumericAddressesOfAHostEachOnce) {
  const auto found = look_up("localhost", NameUse::connect, 30s, {});
  ASSERT_TRUE(found) << found.error().describe();
  EXPECT_TRUE(std::ranges::find(*found, "127.0.0.1") != found->end() ||
              std::ranges::find(*found, "::1") != found->end());
  EXPECT_EQ(std::set<std::string>(found->begin(), found->end()).size(), found->size());
}

TEST(NameLookup, ANumericAddressIsItsOwnAnswerAndTakesNoTime) {
  for (const std::string numeric : {"127.0.0.1", "::1", "192.0.2.7"}) {
    EXPECT_EQ(look_up(numeric, NameUse::bind, 0ms, {}), HostAddresses{numeric});
  }
}

TEST(NameLookup, SignalsItsAnswerByADescriptorThatBecomesReadable) {
  const auto lookup = NameLookup::start("localhost", NameUse::connect);
  ASSERT_TRUE(lookup) << lookup.error().describe();
  for (int asked = 0; asked < 2; ++asked) {
    const auto signal = lookup->signal();
    ASSERT_TRUE(signal) << signal.error().describe();
    pollfd readable{signal->get(), POLLIN, 0};
    EXPECT_EQ(::poll(&readable, 1, 30'000), 1);
  }
  EXPECT_TRUE(lookup->wait_until(std::chrono::steady_clock::now(), {}));
}

TEST(NameLookup, MoreThanTheLimitAtOnceAreAllAnswered) {
  std::vector<std::jthread> askers;
  std::atomic<std::size_t> answered = 0;
  for (std::size_t i = 0; i < limits::name_lookups * 4; ++i) {
    askers.emplace_back([&answered] {
      if (look_up("localhost", NameUse::connect, 60s, {})) ++answered;
    });
  }
  askers.clear();
  EXPECT_EQ(answered, limits::name_lookups * 4);
}

TEST(NameLookup, AStopThatIsRequestedEndsTheWait) {
  std::stop_source stop;
  stop.request_stop();
  const auto lookup = NameLookup::start("localhost", NameUse::connect);
  ASSERT_TRUE(lookup);
  const auto ended = lookup->wait_until(std::chrono::steady_clock::now() + 30s, stop.get_token());
  EXPECT_TRUE(ended || ended.error().code == errc::closed);
}

}  // namespace
}  // namespace busrt::transport
