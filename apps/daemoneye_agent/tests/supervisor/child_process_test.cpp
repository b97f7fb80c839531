// Real children: their ends, their output, and that they do not stay behind.
#include "supervisor/child_process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <filesystem>
#include <optional>

namespace daemoneye_agent {
namespace {

struct Record {
  std::vector<std::string> lines;
  std::optional<ExitStatus> exit;
};

ChildCallbacks into(Record& run) {
  return {[&run](std::string_view line) { run.lines.emplace_back(line); },
          [&run](ExitStatus status) { run.exit = status; }};
}

TEST(ChildProcess, TellsItsOutputAndThenItsEnd) {
  boost::asio::io_context io;
  Record run;
  auto child = ChildProcess::spawn(
      io.get_executor(), {"/bin/sh", "-c", "echo one; echo two >&2; printf three; exit 3"}, into(run));
  ASSERT_TRUE(child) << child.error().describe();
  io.run();
  EXPECT_EQ(run.lines, (std::vector<std::string>{"one", "two", "three"}));
  ASSERT_TRUE(run.exit);
  EXPECT_EQ(run.exit->describe(), "exit code 3");
}

TEST(ChildProcess, ReadsItsInputAndThenTheEnd) {
  // More than a pipe would hold.
  const std::string input(1U << 20, 'x');
  for (const std::string& text : {std::string(), input}) {
    boost::asio::io_context io;
    Record run;
    auto child = ChildProcess::spawn(io.get_executor(), {"/bin/sh", "-c", "wc -c"}, into(run), text);
    ASSERT_TRUE(child) << child.error().describe();
    io.run();
    EXPECT_EQ(run.lines, std::vector<std::string>{std::to_string(text.size())});
  }
}

TEST(ChildProcess, SaysWhichSignalEndedIt) {
  boost::asio::io_context io;
  Record run;
  auto child = ChildProcess::spawn(io.get_executor(), {"/bin/sh", "-c", "exec sleep 1000"}, into(run));
  ASSERT_TRUE(child);
  (*child)->signal(SIGKILL);
  io.run();
  ASSERT_TRUE(run.exit);
  EXPECT_EQ(run.exit->describe(), "signal 9 (Killed)");
  (*child)->signal(SIGKILL);
}

TEST(ChildProcess, AProgramThatCannotRunIsAnErrorThatNamesIt) {
  boost::asio::io_context io;
  Record run;
  const auto child = ChildProcess::spawn(io.get_executor(), {"/nonexistent/program"}, into(run));
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().describe(), "/nonexistent/program (No such file or directory)");
}

TEST(ChildProcess, IsInAGroupOfItsOwnAndDiesWithItsParent) {
  boost::asio::io_context io;
  Record run;
  auto child = ChildProcess::spawn(
      io.get_executor(), {"/bin/sh", "-c", "ps -o pgid= -p $$ 2>/dev/null || cut -d' ' -f5 /proc/$$/stat"},
      into(run));
  ASSERT_TRUE(child);
  const auto pid = (*child)->pid();
  io.run();
  ASSERT_EQ(run.lines.size(), 1U);
  EXPECT_EQ(std::stoi(run.lines[0]), pid);
}

TEST(ChildProcess, WhatItLeavesBehindInItsGroupEndsWithIt) {
  std::string directory = (std::filesystem::temp_directory_path() / "daemoneye-child-XXXXXX").string();
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  const std::string fifo = directory + "/held";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const int read_end = ::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(read_end, 0);
  boost::asio::io_context io;
  Record run;
  auto child = ChildProcess::spawn(io.get_executor(),
                                   {"/bin/sh", "-c", "exec 9>" + fifo + "; echo x >&9; sleep 1000 & exit 0"},
                                   into(run));
  ASSERT_TRUE(child) << child.error().describe();
  io.run();
  ASSERT_TRUE(run.exit);
  EXPECT_EQ(run.exit->describe(), "exit code 0");
  // The sleeper alone still has the write end: the end of file comes when it is gone.
  pollfd end{read_end, POLLIN, 0};
  std::array<char, 8> bytes{};
  ssize_t got = -1;
  do {
    ASSERT_EQ(::poll(&end, 1, 30'000), 1) << "the child's child still runs";
    got = ::read(read_end, bytes.data(), bytes.size());
  } while (got > 0);
  EXPECT_EQ(got, 0);
  ::close(read_end);
  std::filesystem::remove_all(directory);
}

TEST(ChildProcess, InheritsNoDescriptorButItsStandardStreams) {
  const int extra = ::fcntl(STDERR_FILENO, F_DUPFD, 100);
  ASSERT_GE(extra, 100);
  boost::asio::io_context io;
  Record run;
  auto child = ChildProcess::spawn(
      io.get_executor(),
      {"/bin/sh", "-c", "[ -e /proc/$$/fd/" + std::to_string(extra) + " ] && echo open || echo closed"},
      into(run));
  ::close(extra);
  ASSERT_TRUE(child) << child.error().describe();
  io.run();
  EXPECT_EQ(run.lines, std::vector<std::string>{"closed"});
}

TEST(ChildProcess, DoesNotOutliveItsObject) {
  boost::asio::io_context io;
  Record run;
  pid_t pid = 0;
  {
    auto child = ChildProcess::spawn(io.get_executor(), {"/bin/sh", "-c", "exec sleep 1000"}, into(run));
    ASSERT_TRUE(child);
    pid = (*child)->pid();
  }
  io.run();
  EXPECT_FALSE(run.exit) << "no callback after the object is gone";
  EXPECT_EQ(::kill(pid, 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

TEST(LineSplitter, JoinsPiecesAndBoundsLines) {
  LineSplitter splitter;
  std::vector<std::string> lines;
  const std::function<void(std::string_view)> keep = [&lines](std::string_view line) {
    lines.emplace_back(line);
  };
  splitter.feed("al", keep);
  splitter.feed("pha\nbeta\n\ngam", keep);
  EXPECT_EQ(lines, (std::vector<std::string>{"alpha", "beta"}));
  splitter.finish(keep);
  EXPECT_EQ(lines.back(), "gam");
  splitter.feed(std::string(max_output_line * 2 + 5, 'x'), keep);
  EXPECT_EQ(lines.back().size(), max_output_line);
  EXPECT_EQ(lines.size(), 5U);
}

TEST(LineSplitter, LetsNoControlSequenceThrough) {
  LineSplitter splitter;
  std::vector<std::string> lines;
  splitter.feed("\x1b[2Jred\n", [&lines](std::string_view line) { lines.emplace_back(line); });
  EXPECT_EQ(lines, std::vector<std::string>{"?[2Jred"});
}

TEST(CollectorLine, KeepsTheCollectorsOwnLevel) {
  auto line = parse_collector_line("procmond: [warning] the kernel dropped 3 messages", "procmond");
  EXPECT_EQ(line.level, busrt::base::LogLevel::warn);
  EXPECT_EQ(line.text, "the kernel dropped 3 messages");
  line = parse_collector_line("procmond: [loud] x", "procmond");
  EXPECT_EQ(line.level, busrt::base::LogLevel::info);
  EXPECT_EQ(line.text, "procmond: [loud] x");
  EXPECT_EQ(parse_collector_line("procmond", "procmond").text, "procmond");
}

}  // namespace
}  // namespace daemoneye_agent
