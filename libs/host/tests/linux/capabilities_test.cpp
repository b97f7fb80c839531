// Names and sets of capabilities, and what this process holds.
#include "daemoneye/host/capabilities.hpp"

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace daemoneye::host {
namespace {

TEST(Capabilities, NamesHaveTheNumbersOfTheKernel) {
  EXPECT_EQ(capability_number("CAP_CHOWN"), CAP_CHOWN);
  EXPECT_EQ(capability_number("CAP_NET_ADMIN"), CAP_NET_ADMIN);
  EXPECT_EQ(capability_number("CAP_SYS_PTRACE"), CAP_SYS_PTRACE);
  EXPECT_EQ(capability_number("CAP_SYS_NICE"), CAP_SYS_NICE);
  EXPECT_EQ(capability_number("CAP_SYSLOG"), CAP_SYSLOG);
  EXPECT_EQ(capability_number("CAP_BPF"), CAP_BPF);
  EXPECT_EQ(capability_number("CAP_CHECKPOINT_RESTORE"), CAP_CHECKPOINT_RESTORE);
  EXPECT_FALSE(capability_number("CAP_NOTHING"));
  EXPECT_FALSE(capability_number("net_admin"));
}

TEST(Capabilities, TheEffectiveSetIsReadFromStatus) {
  const auto held =
      parse_effective("Name:\tx\nCapPrm:\tffffffffffffffff\nCapEff:\t0000000000001001\nCapBnd:\t0\n");
  ASSERT_TRUE(held);
  EXPECT_TRUE(held->holds("CAP_CHOWN"));
  EXPECT_TRUE(held->holds("CAP_NET_ADMIN"));
  EXPECT_FALSE(held->holds("CAP_NET_RAW"));
  EXPECT_FALSE(held->holds("CAP_NOTHING"));
  for (const char* text : {"", "CapEff:\t1\n", "\nCapEff:\tx\n", "\nCapEff:\t\n", "\nCapEff:\t1 2\n",
                           "\nCapEff:\t1ffffffffffffffff\n"}) {
    EXPECT_FALSE(parse_effective(text)) << text;
  }
}

TEST(Capabilities, WhatThisProcessHoldsIsWhatTheKernelSays) {
  const auto held = effective_capabilities();
  ASSERT_TRUE(held) << held.error().describe();
  __user_cap_header_struct header{};
  header.version = _LINUX_CAPABILITY_VERSION_3;
  __user_cap_data_struct data[2]{};
  ASSERT_EQ(::syscall(SYS_capget, &header, data), 0);
  EXPECT_EQ(*held, Capabilities((std::uint64_t{data[1].effective} << 32U) | data[0].effective));
}

}  // namespace
}  // namespace daemoneye::host
