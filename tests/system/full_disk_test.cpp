// A disk without room is no reason to stop watching the host.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>

#include "agent_process.hpp"
#include "busrt/blocking_client.hpp"

namespace system_tests {
namespace {

/// A file system of a few pages, in a mount namespace that only this process and its children see.
class FullDisk : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0 || ::unshare(CLONE_NEWNS) != 0) GTEST_SKIP() << "mounting needs root";
    ASSERT_EQ(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
    std::filesystem::create_directory(disk());
    ASSERT_EQ(::mount("tmpfs", disk().c_str(), "tmpfs", 0, "size=64k,nr_inodes=16"), 0);
  }
  void TearDown() override { ::umount2(disk().c_str(), MNT_DETACH); }

  void fill_with_bytes() const {
    std::ofstream filler(disk() / "filler", std::ios::binary);
    const std::string page(4096, 'x');
    while (filler.write(page.data(), static_cast<std::streamsize>(page.size())).flush()) {
    }
  }
  void fill_with_files() const {
    for (int i = 0; std::ofstream(disk() / fmt::format("filler-{}", i)); ++i) {
    }
  }
  void make_room() const {
    for (const auto& entry : std::filesystem::directory_iterator(disk())) {
      if (entry.path().filename().string().starts_with("filler")) std::filesystem::remove(entry.path());
    }
  }
  [[nodiscard]] std::filesystem::path disk() const { return directory_.path() / "disk"; }
  [[nodiscard]] std::filesystem::path state_dir() const { return disk() / "state"; }
  [[nodiscard]] std::string address() const { return "ipc://" + (directory_.path() / "bus.sock").string(); }
  [[nodiscard]] std::vector<std::string> command() const {
    return {agent_program(), "--bus", address(), "--state-dir", state_dir().string()};
  }
  [[nodiscard]] std::optional<boost::json::object> status() const {
    busrt::BlockingRpcClient client({.name = "asker", .address = address()});
    if (!client.connect()) return std::nullopt;
    const auto reply = client.call("daemoneye-agent", "status");
    if (!reply) return std::nullopt;
    return boost::json::parse(busrt::as_text(reply->payload)).as_object();
  }
  /// It runs, watches, and says that the disk is full; with room again it is well.
  void expect_degraded_until_there_is_room(Program& agent) const {
    ASSERT_TRUE(wait_until([this] {
      const auto now = status();
      return now && now->at("collectors").at(0).at("state").as_string() == "running";
    })) << agent.err();
    const auto now = *status();
    EXPECT_FALSE(now.at("well").as_bool());
    const std::string degraded = boost::json::serialize(now.at("degraded"));
    EXPECT_NE(degraded.find("state directory: cannot "), std::string::npos) << degraded;
    EXPECT_NE(degraded.find(state_dir().string()), std::string::npos) << degraded;
    EXPECT_NE(degraded.find("No space left on device"), std::string::npos) << degraded;
    make_room();
    EXPECT_TRUE(wait_until([this] { return status()->at("well").as_bool(); })) << agent.err();
    EXPECT_TRUE(std::filesystem::exists(state_dir() / "agent.lock"));
  }

  TemporaryDirectory directory_;
};

TEST_F(FullDisk, TheAgentStartsWithoutRoomForItsPidAndSaysSo) {
  std::filesystem::create_directory(state_dir());
  fill_with_bytes();
  Program agent(directory_.path(), "agent", command());
  ASSERT_TRUE(wait_until([this] { return status().has_value(); })) << agent.err();
  Program second(directory_.path(), "second",
                 {agent_program(), "--bus", "ipc://" + (directory_.path() / "other.sock").string(),
                  "--state-dir", state_dir().string()});
  EXPECT_EQ(second.wait(), 1) << "the directory is held all the same";
  EXPECT_NE(second.err().find("another agent (pid unknown) uses"), std::string::npos) << second.err();
  expect_degraded_until_there_is_room(agent);
  agent.signal(SIGTERM);
  EXPECT_EQ(agent.wait(), 0) << agent.err();
  EXPECT_TRUE(std::filesystem::is_empty(state_dir()));
}

TEST_F(FullDisk, TheAgentStartsWithoutRoomForItsDirectoryAndSaysSo) {
  fill_with_files();
  Program agent(directory_.path(), "agent", command());
  expect_degraded_until_there_is_room(agent);
  agent.signal(SIGTERM);
  EXPECT_EQ(agent.wait(), 0) << agent.err();
}

}  // namespace
}  // namespace system_tests
