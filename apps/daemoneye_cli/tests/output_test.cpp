// Real descriptors: what a failed write is, and that nobody who does not read holds up the end.
#include "output.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <thread>

namespace daemoneye_cli {
namespace {

const auto never = [] { return false; };

struct Pipe {
  Pipe() { EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0); }
  ~Pipe() {
    for (const int end : ends) {
      if (end >= 0) ::close(end);
    }
  }
  void close_reader() {
    ::close(ends[0]);
    ends[0] = -1;
  }
  std::array<int, 2> ends{-1, -1};
};

TEST(Output, WritesAllThatWasPut) {
  Pipe pipe;
  Output output(pipe.ends[1], never);
  const std::string text(1'000'000, 'x');
  std::string read;
  std::thread reader([&] {
    std::array<char, 1000> chunk{};
    while (read.size() < text.size()) {
      const ssize_t got = ::read(pipe.ends[0], chunk.data(), chunk.size());
      if (got <= 0) break;
      read.append(chunk.data(), static_cast<std::size_t>(got));
    }
  });
  output.put(text);
  EXPECT_TRUE(output.flush());
  reader.join();
  EXPECT_EQ(read, text);
  EXPECT_TRUE(output.open());
}

TEST(Output, AReaderThatHasGoneIsAQuietEnd) {
  std::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  pipe.close_reader();
  Output output(pipe.ends[1], never);
  output.put("x");
  EXPECT_FALSE(output.flush());
  EXPECT_TRUE(output.reader_gone());
  EXPECT_EQ(output.problem(), "");
}

TEST(Output, AFullDiskIsAProblem) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  Output output(full, never);
  output.put("x");
  EXPECT_FALSE(output.flush());
  EXPECT_FALSE(output.reader_gone());
  EXPECT_EQ(output.problem(), "standard output: No space left on device");
  ::close(full);
}

TEST(Output, AClosedDescriptorIsAProblem) {
  Output output(-1, [] { return true; });
  output.put("x");
  EXPECT_FALSE(output.flush());
  EXPECT_NE(output.problem(), "");
}

TEST(Output, AReaderThatTakesNothingDoesNotHoldUpTheEnd) {
  Pipe pipe;
  Output output(pipe.ends[1], [] { return true; });
  output.put(std::string(1'000'000, 'x'));
  EXPECT_FALSE(output.flush());
  EXPECT_EQ(output.problem(), "standard output: nothing was read for 2000 ms");
}

}  // namespace
}  // namespace daemoneye_cli
