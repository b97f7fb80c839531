// The formats of /proc: real bytes, cut ones, and names chosen to confuse.
#include "daemoneye/host/proc_parse.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace daemoneye::host {
namespace {

using namespace std::string_literals;

std::string stat_text(const std::string& comm) {
  return "4242 (" + comm +
         ") S 17 4242 17 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 3 0 987654 1000000 250 18446744073709551615 "
         "94000000000000 94000000100000 140700000000000 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 94000000200000 "
         "94000000300000 94000001000000 140700000000100 140700000000200 140700000000200 140700000000300 "
         "768\n";
}

TEST(ProcStatText, GivesTheFields) {
  const std::string text = stat_text("bash");
  const auto stat = parse_stat(text);
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->pid, 4242);
  EXPECT_EQ(stat->comm, "bash");
  EXPECT_EQ(stat->state, 'S');
  EXPECT_EQ(stat->parent, 17);
  EXPECT_EQ(stat->flags, 4194560U);
  EXPECT_EQ(stat->threads, 3U);
  EXPECT_EQ(stat->start_ticks, 987654U);
  EXPECT_NE(stat->image_mark, 0U);
  EXPECT_EQ(stat->wait_status, 768U);
}

TEST(ProcStatText, ANameCannotPretendToBeFields) {
  for (const std::string& comm :
       {") R 1 2 3"s, "a) (b"s, "(("s, "))"s, ""s, " "s, "x\ny"s, "\xff\xfe"s, ") Z 0 ("s}) {
    const std::string text = stat_text(comm);
    const auto stat = parse_stat(text);
    ASSERT_TRUE(stat) << comm;
    EXPECT_EQ(stat->comm, comm);
    EXPECT_EQ(stat->parent, 17);
    EXPECT_EQ(stat->start_ticks, 987654U);
  }
}

TEST(ProcStatText, CutBeforeTheStartTimeItIsRefused) {
  const std::string text = stat_text("a b");
  const std::size_t needed = text.find("987654") + 1;
  for (std::size_t size = 0; size < needed; ++size) {
    EXPECT_FALSE(parse_stat(std::string_view(text).substr(0, size))) << size;
  }
}

TEST(ProcStatText, HiddenAddressesGiveNoMark) {
  std::string text = stat_text("a");
  text.replace(text.find("94000000000000"), 14, "1");
  text.replace(text.find("140700000000000"), 15, "0");
  const auto stat = parse_stat(text);
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->image_mark, 0U);
}

TEST(ProcStatText, AnotherStackIsAnotherMark) {
  const std::string text = stat_text("a");
  std::string other = text;
  other.replace(other.find("140700000000000"), 15, "140700000000016");
  EXPECT_NE(parse_stat(text)->image_mark, parse_stat(other)->image_mark);
}

TEST(ProcStatText, RefusesNonsense) {
  for (const char* text : {"", "x", "1", "1 (", "1 (a", "1 (a)", "a (b) S 1", ") (", "1 (a) SS 1 1",
                           "99999999999 (a) S 1", "1 (a) S x 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"}) {
    EXPECT_FALSE(parse_stat(text)) << text;
  }
}

TEST(ProcStatusText, GivesRealAndEffectiveIds) {
  const auto status =
      parse_status("Name:\ta\\nUid:\t9\t9\nUid:\t1000\t0\t0\t0\nGid:\t100\t5\t5\t5\nGroups:\t\n");
  ASSERT_TRUE(status);
  EXPECT_EQ(status->uid, (IdPair{1000, 0}));
  EXPECT_EQ(status->gid, (IdPair{100, 5}));
}

TEST(ProcStatusText, RefusesCutAndSenselessIds) {
  for (const char* text : {"", "Uid:\t1\t1\n", "Uid:\t1\nGid:\t1\t1\n", "Uid:\t-1\t1\nGid:\t1\t1\n",
                           "Uid:\tx\ty\nGid:\t1\t1\n", "Uid:\t4294967296\t1\nGid:\t1\t1\n"}) {
    EXPECT_FALSE(parse_status(text)) << text;
  }
}

TEST(ProcCgroupText, PrefersThePathThatSaysMost) {
  EXPECT_EQ(parse_cgroup("0::/user.slice/a.scope\n"), "/user.slice/a.scope");
  EXPECT_EQ(parse_cgroup("4:memory:/m\n1:name=systemd:/s\n0::/\n"), "/s");
  EXPECT_EQ(parse_cgroup("4:memory:/m\n3:cpu,cpuacct:/\n0::/\n"), "/m");
  EXPECT_EQ(parse_cgroup("1:name=systemd:/s\n0::/u\n"), "/u");
  EXPECT_EQ(parse_cgroup("3:cpu:/\n0::/\n"), "/");
  EXPECT_EQ(parse_cgroup("0::/with:colon"), "/with:colon");
}

TEST(ProcCgroupText, HasNoPathInNonsense) {
  for (const char* text : {"", "\n\n", "0:", "0::", "a:b:c", "0::x\n"})
    EXPECT_FALSE(parse_cgroup(text)) << text;
}

TEST(ProcCmdlineText, SplitsAtNul) {
  using Args = std::vector<std::string>;
  EXPECT_EQ(parse_cmdline("a\0b c\0"s, false).args, (Args{"a", "b c"}));
  EXPECT_EQ(parse_cmdline("a\0\0b\0"s, false).args, (Args{"a", "", "b"}));
  EXPECT_EQ(parse_cmdline("a\0\0"s, false).args, (Args{"a", ""})) << "one empty argument at the end is real";
  EXPECT_EQ(parse_cmdline("sshd: x\0\0\0\0\0"s, false).args, (Args{"sshd: x"})) << "padding is not";
  EXPECT_EQ(parse_cmdline("title without end"s, false).args, (Args{"title without end"}));
  EXPECT_TRUE(parse_cmdline("", false).args.empty());
  EXPECT_TRUE(parse_cmdline("\0\0\0\0"s, false).args.empty());
}

TEST(ProcCmdlineText, LeavesTheCutArgumentOut) {
  const auto line = parse_cmdline("a\0--password=hun"s, true);
  EXPECT_EQ(line.args, std::vector<std::string>{"a"});
  EXPECT_TRUE(line.truncated);
  EXPECT_TRUE(parse_cmdline("endless", true).args.empty());
  EXPECT_EQ(parse_cmdline("a\0b\0"s, true).args.size(), 2U);
}

}  // namespace
}  // namespace daemoneye::host
