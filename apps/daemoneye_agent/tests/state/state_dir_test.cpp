// The state directory: private, and held by one agent.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "state/private_directory.hpp"
#include "state/state_lock.hpp"
#include "temporary_directory.hpp"

namespace daemoneye_agent {
namespace {

unsigned mode_of(const std::filesystem::path& path) {
  struct stat info{};
  EXPECT_EQ(::stat(path.c_str(), &info), 0);
  return info.st_mode & 07777U;
}

TEST(PrivateDirectory, MakesEveryMissingLevelForItsOwnerAlone) {
  const TemporaryDirectory root;
  const auto warning = ensure_private_directory(root.path() / "a" / "b");
  ASSERT_TRUE(warning);
  EXPECT_EQ(*warning, "");
  EXPECT_EQ(mode_of(root.path() / "a"), 0700U);
  EXPECT_EQ(mode_of(root.path() / "a" / "b"), 0700U);
}

TEST(PrivateDirectory, WarnsOfAnOpenOneAndLeavesItAlone) {
  const TemporaryDirectory root;
  ASSERT_EQ(::chmod(root.path().c_str(), 0755), 0);
  const auto warning = ensure_private_directory(root.path());
  ASSERT_TRUE(warning);
  EXPECT_NE(warning->find("has mode 0755"), std::string::npos) << *warning;
  EXPECT_EQ(mode_of(root.path()), 0755U);
}

TEST(PrivateDirectory, RefusesOneThatOthersMayWrite) {
  const TemporaryDirectory root;
  ASSERT_EQ(::chmod(root.path().c_str(), 0777), 0);
  const auto open = ensure_private_directory(root.path());
  ASSERT_FALSE(open);
  EXPECT_NE(open.error().message.find(root.path().string() + " belongs to uid"), std::string::npos)
      << open.error().message;
  EXPECT_NE(open.error().message.find("mode 0777"), std::string::npos) << open.error().message;
  if (::geteuid() != 0) return;
  ASSERT_EQ(::chmod(root.path().c_str(), 0700), 0);
  ASSERT_EQ(::chown(root.path().c_str(), 54321, 54321), 0);
  EXPECT_FALSE(ensure_private_directory(root.path())) << "another user's directory";
}

TEST(PrivateDirectory, RefusesAFile) {
  const TemporaryDirectory root;
  std::ofstream(root.path() / "file") << "x";
  const auto made = ensure_private_directory(root.path() / "file");
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().describe().find("file"), std::string::npos);
  EXPECT_FALSE(ensure_private_directory(root.path() / "file" / "below"));
}

TEST(StateLock, IsHeldOnceAndNamesItsHolder) {
  const TemporaryDirectory root;
  {
    const auto first = StateLock::take(root.path());
    ASSERT_TRUE(first);
    ASSERT_TRUE(first->write_pid());
    const auto second = StateLock::take(root.path());
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().message.find("pid " + std::to_string(::getpid())), std::string::npos);
    EXPECT_TRUE(std::filesystem::exists(root.path() / "agent.lock")) << "a refused one takes nothing away";
  }
  EXPECT_FALSE(std::filesystem::exists(root.path() / "agent.lock"));
  EXPECT_TRUE(StateLock::take(root.path()));
}

TEST(StateLock, IsHeldWithoutAPidToShow) {
  const TemporaryDirectory root;
  const auto first = StateLock::take(root.path());
  ASSERT_TRUE(first);
  const auto second = StateLock::take(root.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, std::errc::resource_unavailable_try_again);
  EXPECT_NE(second.error().message.find("pid unknown"), std::string::npos) << second.error().message;
}

TEST(StateLock, AFileLeftBehindByADeadAgentIsNoObstacle) {
  const TemporaryDirectory root;
  std::ofstream(root.path() / "agent.lock") << "99999999\n";
  const auto lock = StateLock::take(root.path());
  ASSERT_TRUE(lock);
  EXPECT_TRUE(lock->write_pid());
  EXPECT_NE(StateLock::take(root.path()).error().message.find("pid " + std::to_string(::getpid())),
            std::string::npos);
}

}  // namespace
}  // namespace daemoneye_agent
