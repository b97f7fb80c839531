// What ipc addresses name on Linux: paths of unix sockets.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "busrt/address.hpp"

namespace busrt {
namespace {

TEST(IpcAddress, EveryNotationNamesASocketPath) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"/run/app/bus.sock", "/run/app/bus.sock"},
      {"/run/app/bus", "/run/app/bus"},
      {"/odd://name:1", "/odd://name:1"},
      {"bus.sock", "bus.sock"},
      {"bus.socket", "bus.socket"},
      {"run/bus.ipc", "run/bus.ipc"},
      {"ipc:///run/app/bus.sock", "/run/app/bus.sock"},
      {"ipc://./bus", "./bus"},
      {"ipc://bus.sock", "/run/app/bus.sock"},
  };
  for (const auto& [text, target] : table) {
    const auto address = Address::parse(text, "/run/app");
    ASSERT_TRUE(address) << text << ": " << address.error().describe();
    EXPECT_EQ(address->scheme, Address::Scheme::unix_socket) << text;
    EXPECT_EQ(address->target, target) << text;
    EXPECT_EQ(address->port, 0U) << text;
  }
}

TEST(IpcAddress, ASocketPathMayFillTheSystemsLimitAndNoMore) {
  const std::string longest = "/" + std::string(106, 'x');
  EXPECT_TRUE(Address::parse(longest));
  EXPECT_FALSE(Address::parse(longest + "x"));
}

/// Sets an environment variable for one test.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    ::setenv(name, value, 1);
  }
  ~ScopedVariable() {
    if (before_.empty()) {
      ::unsetenv(name_);
    } else {
      ::setenv(name_, before_.c_str(), 1);
    }
  }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  const char* name_;
  std::string before_;
};

TEST(RuntimeDirectory, IsTheSystemsForRootAndTheUsersForOthers) {
  const ScopedVariable runtime("XDG_RUNTIME_DIR", "/some/runtime");
  EXPECT_EQ(runtime_directory("app"), ::geteuid() == 0 ? "/run/app" : "/some/runtime/app");
}

TEST(RuntimeDirectory, IsAbsoluteEvenWhenTheEnvironmentIsNot) {
  const ScopedVariable runtime("XDG_RUNTIME_DIR", "relative");
  EXPECT_TRUE(runtime_directory("app").is_absolute());
  EXPECT_NE(runtime_directory("app").string().find("app"), std::string::npos);
}

}  // namespace
}  // namespace busrt
