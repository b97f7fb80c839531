// What a command says when no broker answers.
#include "connection.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>

namespace busrt_cli {
namespace {

TEST(Connection, WithoutASocketTheBrokerIsToBeStarted) {
  const auto path = std::filesystem::temp_directory_path() / "no-such-folder" / "bus.sock";
  EXPECT_EQ(connect_advice(path.string()), "there is no socket " + path.string() +
                                               "; start the broker with `busrtd -B " + path.string() +
                                               "`, or give the path of another");
}

TEST(Connection, AFileIsNoSocket) {
  const auto path =
      std::filesystem::temp_directory_path() / ("no-socket-" + std::to_string(std::random_device{}()));
  std::ofstream(path) << "text";
  EXPECT_EQ(connect_advice(path.string()), path.string() + " is no socket; give the path of another");
  std::filesystem::remove(path);
}

TEST(Connection, ANetworkAddressHasNoPathToLookAt) {
  EXPECT_EQ(connect_advice("localhost:7777"), "is the broker running there?");
}

}  // namespace
}  // namespace busrt_cli
