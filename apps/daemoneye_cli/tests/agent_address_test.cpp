// Advice for real places: a directory of its own stands for each runtime directory.
#include "agent_address.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

namespace daemoneye_cli {
namespace {

bool always(const std::filesystem::path& /*path*/) {
  return true;
}
bool nobody_answers(const std::filesystem::path& /*path*/) {
  return false;
}

class Advice : public ::testing::Test {
 protected:
  Advice() {
    std::string name = (std::filesystem::temp_directory_path() / "advice.XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    std::filesystem::create_directory(own());
    std::filesystem::create_directory(root());
  }
  ~Advice() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::filesystem::path own() const { return directory_ / "own"; }
  [[nodiscard]] std::filesystem::path root() const { return directory_ / "root"; }
  [[nodiscard]] std::string given(bool (*may_open)(const std::filesystem::path&)) const {
    return advice(default_address, {own(), root(), may_open});
  }
  /// As a process leaves it that was killed.
  static void leave_socket(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
    ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    ::close(socket);
  }

 private:
  std::filesystem::path directory_;
};

TEST_F(Advice, WithoutASocketTheAgentIsToBeStarted) {
  const std::string path = (own() / "daemoneye.sock").string();
  EXPECT_EQ(given(always), "there is no socket " + path +
                               "; start the agent with `daemoneye-agent --bus ipc://" + path +
                               "`, or name the agent's address with --bus or DAEMONEYE_BUS");
}

TEST_F(Advice, AUserBesideRootsAgentIsToBecomeRoot) {
  leave_socket(root() / "daemoneye.sock");
  EXPECT_EQ(given(nobody_answers), "there is no socket " + (own() / "daemoneye.sock").string() +
                                       "; root's agent has its socket in " + root().string() +
                                       ", which this user may not open; run this as root");
}

TEST_F(Advice, RootsSocketIsNamedWhereTheUserMayOpenIt) {
  leave_socket(root() / "daemoneye.sock");
  EXPECT_TRUE(given(always).ends_with("root's agent has a socket: --bus ipc://" +
                                      (root() / "daemoneye.sock").string()));
}

TEST_F(Advice, RootsAgentIsNoMatterForAnAddressElsewhere) {
  leave_socket(root() / "daemoneye.sock");
  const std::string elsewhere = advice("ipc:///nowhere/daemoneye.sock", {own(), root(), nobody_answers});
  EXPECT_EQ(elsewhere.find("root's agent"), std::string::npos) << elsewhere;
}

TEST_F(Advice, AKilledAgentLeavesItsSocket) {
  leave_socket(own() / "daemoneye.sock");
  EXPECT_TRUE(given(always).starts_with("no agent answers at ")) << given(always);
  EXPECT_TRUE(given(nobody_answers).ends_with("run this as the user who runs the agent"))
      << given(nobody_answers);
}

TEST_F(Advice, AFileIsNoSocket) {
  std::ofstream(own() / "daemoneye.sock") << "text";
  EXPECT_TRUE(given(always).ends_with("is no socket; name the agent's address with --bus or DAEMONEYE_BUS"));
}

TEST_F(Advice, ANetworkAddressHasNoPathToLookAt) {
  EXPECT_EQ(advice("tcp://host:7777", {own(), root(), always}), "is the broker running there?");
}

}  // namespace
}  // namespace daemoneye_cli
