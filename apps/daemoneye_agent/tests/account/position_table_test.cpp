// Positions that outlive the process that wrote them, and the account that continues there.
#include "account/position_table.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "account/account.hpp"
#include "noon.hpp"

namespace daemoneye_agent {
namespace {

using namespace std::chrono_literals;
using busrt::base::UniqueFd;

PositionTable made() {
  auto table = PositionTable::create();
  EXPECT_TRUE(table);
  return std::move(*table);
}

PositionTable reopened(const PositionTable& table) {
  auto again = PositionTable::open(UniqueFd(::fcntl(table.memory().get(), F_DUPFD_CLOEXEC, 0)));
  EXPECT_TRUE(again);
  return std::move(*again);
}

TEST(PositionTable, GivesBackWhatAKilledProcessHasWrittenLast) {
  const PositionTable table = made();
  const pid_t writer = ::fork();
  if (writer == 0) {
    PositionTable mine = reopened(table);
    const auto slot = mine.slot_of("procmond");
    for (std::uint64_t seq = 1; seq <= 1000; ++seq)
      mine.write(*slot, {.epoch = 7, .last = seq, .received = seq});
    ::raise(SIGKILL);
  }
  ASSERT_EQ(::waitpid(writer, nullptr, 0), writer);
  const auto found = reopened(table).read();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].first, "procmond");
  EXPECT_EQ(found[0].second, (Position{.epoch = 7, .last = 1000, .received = 1000}));
}

TEST(PositionTable, IsFullAtItsLastSlotAndRefusesLongNames) {
  PositionTable table = made();
  for (std::size_t i = 0; i < PositionTable::slots; ++i) {
    EXPECT_EQ(table.slot_of("collector" + std::to_string(i)), i);
  }
  EXPECT_FALSE(table.slot_of("one-more"));
  EXPECT_EQ(table.slot_of("collector5"), 5U);
  EXPECT_FALSE(made().slot_of(std::string(PositionTable::max_name + 1, 'x')));
  EXPECT_FALSE(made().slot_of(""));
}

TEST(PositionTable, IsNoMemoryThatCouldShrinkOrThatIsNone) {
  UniqueFd unsealed(::memfd_create("test", MFD_CLOEXEC));
  ASSERT_EQ(::ftruncate(unsealed.get(), 1 << 20), 0);
  EXPECT_FALSE(PositionTable::open(std::move(unsealed)));
  EXPECT_FALSE(PositionTable::open(UniqueFd(::open("/dev/null", O_RDWR | O_CLOEXEC))));
  UniqueFd other(::memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  ASSERT_EQ(::ftruncate(other.get(), 4096), 0);
  ASSERT_EQ(::fcntl(other.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), 0);
  const auto refused = PositionTable::open(std::move(other));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, std::errc::invalid_argument);
}

TEST(ContinuedAccount, CountsWhatNeverArrivedBetweenTwoAgentsExactly) {
  const PositionTable kept = made();
  {
    PositionTable table = reopened(kept);
    Account account;
    account.continue_in(table);
    for (const std::uint64_t seq : {1U, 2U, 3U, 5U, 6U}) account.arrived("procmond", 7, seq, noon);
  }
  PositionTable table = reopened(kept);
  Account account;
  account.continue_in(table);
  // 6 is published again, since its confirmation never came; 7 and 8 went with the agent.
  for (const std::uint64_t seq : {6U, 9U, 10U}) account.arrived("procmond", 7, seq, noon + 1s);
  const auto totals = account.totals("procmond");
  EXPECT_EQ(totals.received, 7U);
  EXPECT_EQ(totals.duplicates, 1U);
  EXPECT_EQ(totals.missing, 3U) << "4 before, 7 and 8 between";
  EXPECT_EQ(totals.received + totals.missing, totals.seq);
  const auto parts = account.incomplete("procmond");
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_NE(parts[0].reason.find("numbers ..., 7-8 of epoch 7"), std::string::npos) << parts[0].reason;
  EXPECT_EQ(parts[0].from, noon);
  EXPECT_EQ(parts[0].to, noon + 1s);
}

TEST(ContinuedAccount, LosesNothingWhereNothingIsMissing) {
  const PositionTable kept = made();
  PositionTable first = reopened(kept);
  Account before;
  before.continue_in(first);
  before.arrived("procmond", 7, 1, noon);
  before.loss_arrived("procmond", 7, 2, noon, "kernel", 3);
  PositionTable second = reopened(kept);
  Account after;
  after.continue_in(second);
  after.arrived("procmond", 7, 3, noon);
  EXPECT_EQ(after.totals("procmond").received, 3U);
  EXPECT_TRUE(after.incomplete("procmond").empty());
}

TEST(ContinuedAccount, ARunThatIsOverIsNotContinued) {
  const PositionTable kept = made();
  PositionTable first = reopened(kept);
  Account before;
  before.continue_in(first);
  before.arrived("procmond", 7, 1, noon);
  before.ended_at("procmond", 7, 1, noon);
  EXPECT_TRUE(reopened(kept).read().empty());
  before.arrived("procmond", 8, 1, noon);
  ASSERT_EQ(reopened(kept).read().size(), 1U);
  EXPECT_EQ(reopened(kept).read()[0].second.epoch, 8U);
  before.cut("procmond", 8, 1, noon);
  EXPECT_TRUE(reopened(kept).read().empty());
}

}  // namespace
}  // namespace daemoneye_agent
