// The real /proc, as whoever runs the tests.
#include "daemoneye/host/proc_host.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace daemoneye::host {
namespace {

/// As they are.
ShownArguments show_all(std::string_view /*program*/, std::vector<std::string> raw, bool truncated) {
  return {std::move(raw), truncated};
}

class ProcHostTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = ProcHost::open(show_all);
    ASSERT_TRUE(opened) << opened.error().describe();
    host = std::move(*opened);
  }
  std::unique_ptr<ProcHost> host;
};

TEST_F(ProcHostTest, ReadsThisProcess) {
  const auto reading = host->read(::getpid(), Wanted{});
  ASSERT_TRUE(reading);
  EXPECT_FALSE(reading->dying);
  EXPECT_EQ(reading->parent, ::getppid());
  ASSERT_TRUE(reading->uid);
  EXPECT_EQ(reading->uid->real, ::getuid());
  EXPECT_EQ(reading->gid->effective, ::getegid());
  ASSERT_TRUE(reading->image);
  EXPECT_NE(reading->image->exe.value_or("").find("daemoneye_host_tests"), std::string::npos);
  ASSERT_TRUE(reading->image->args);
  EXPECT_FALSE(reading->image->args->empty());
  EXPECT_NE(reading->image_mark, 0U);
  EXPECT_TRUE(reading->cgroup);
}

TEST_F(ProcHostTest, ReadsEveryProcessThereIs) {
  const auto pids = host->list();
  ASSERT_TRUE(pids);
  EXPECT_NE(std::ranges::find(*pids, ::getpid()), pids->end());
  for (const Pid pid : *pids) {
    const auto reading = host->read(pid, Wanted{});
    if (!reading) continue;
    EXPECT_LE(reading->start_ticks, host->to_ticks(host->monotonic_ns()));
  }
}

TEST_F(ProcHostTest, WhatDoesNotExistIsEmpty) {
  EXPECT_FALSE(host->read(0, Wanted{}));
  EXPECT_FALSE(host->read(-1, Wanted{}));
  EXPECT_FALSE(host->read(2147483647, Wanted{}));
}

TEST_F(ProcHostTest, TicksAndTimesAgree) {
  const std::uint64_t now = host->monotonic_ns();
  const std::uint64_t ticks = host->to_ticks(now);
  EXPECT_LE(host->to_monotonic_ns(ticks), now);
  EXPECT_GT(host->to_monotonic_ns(ticks + 2), now);
  EXPECT_EQ(host->start_text(ticks), host->start_text(ticks));
  EXPECT_EQ(host->boot_id().size(), 36U);
}

}  // namespace
}  // namespace daemoneye::host
