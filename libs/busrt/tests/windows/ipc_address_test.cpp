// What ipc addresses name on Windows: named pipes.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "busrt/address.hpp"

namespace busrt {
namespace {

TEST(IpcAddress, NamesAPipe) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"ipc://bus.sock", R"(\\.\pipe\bus.sock)"},
      {"ipc://my bus", R"(\\.\pipe\my bus)"},
      {R"(\\.\pipe\bus.sock)", R"(\\.\pipe\bus.sock)"},
  };
  for (const auto& [text, target] : table) {
    const auto address = Address::parse(text);
    ASSERT_TRUE(address) << text << ": " << address.error().describe();
    EXPECT_EQ(address->scheme, Address::Scheme::unix_socket) << text;
    EXPECT_EQ(address->target, target) << text;
    EXPECT_EQ(address->port, 0U) << text;
  }
}

TEST(IpcAddress, ASocketPathIsRefusedWithASentenceThatSaysWhatToWrite) {
  for (const std::string text : {"/run/app/bus.sock", "bus.sock", "ipc:///run/app/bus.sock", "ipc://a/b",
                                 R"(ipc://a\b)", R"(\\host\pipe\bus)", R"(\\.\pipe\)"}) {
    const auto address = Address::parse(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().code, errc::bad_address) << text;
    EXPECT_TRUE(address.error().message.starts_with("address '" + text + "': ")) << address.error().message;
  }
  EXPECT_NE(Address::parse("/run/app/bus.sock").error().message.find("ipc://NAME"), std::string::npos);
}

TEST(IpcAddress, APipeNameMayFillTheSystemsLimitAndNoMore) {
  const std::string longest = "ipc://" + std::string(247, 'x');
  EXPECT_TRUE(Address::parse(longest));
  EXPECT_FALSE(Address::parse(longest + "x"));
}

TEST(RuntimeDirectory, IsAbsolute) {
  EXPECT_TRUE(runtime_directory("app").is_absolute()) << runtime_directory("app");
}

}  // namespace
}  // namespace busrt
