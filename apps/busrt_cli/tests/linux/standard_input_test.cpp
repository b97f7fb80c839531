// A payload from standard input, in whose place a file stands here.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "busrt/error.hpp"
#include "busrt/limits.hpp"
#include "busrt_testing/test_address.hpp"
#include "payload.hpp"

namespace busrt_cli {
namespace {

/// What is read from a file of so many zero bytes.
busrt::base::Result<std::vector<std::byte>> read_zeros(std::size_t count) {
  const busrt_testing::TemporaryDirectory directory;
  const auto path = directory.path() / "input";
  std::ofstream(path).close();
  std::filesystem::resize_file(path, count);
  const int usual = ::dup(STDIN_FILENO);
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  ::dup2(file, STDIN_FILENO);
  auto payload = read_payload(std::nullopt);
  ::dup2(usual, STDIN_FILENO);
  ::close(file);
  ::close(usual);
  return payload;
}

TEST(StandardInput, IsTakenUpToTheLargestBodyThatTheToolSends) {
  EXPECT_EQ(read_zeros(busrt::limits::max_body_bytes).value().size(), busrt::limits::max_body_bytes);
  const auto refused = read_zeros(busrt::limits::max_body_bytes + 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, busrt::errc::data);
  EXPECT_EQ(refused.error().message,
            "standard input: more than 67108864 bytes, the most that busrt sends in a frame");
}

}  // namespace
}  // namespace busrt_cli
