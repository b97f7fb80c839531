// Which owners and modes of files and directories are trusted.
#include "busrt/base/trusted_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <utility>

namespace busrt::base {
namespace {

/// Any user that is neither root nor the one who runs the test.
constexpr uid_t stranger = 54321;

class TrustedFile : public testing::Test {
 protected:
  TrustedFile() {
    std::ofstream(file) << "first\nsecond\n";
    ::chmod(file.c_str(), 0644);
  }
  ~TrustedFile() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
  }
  static void expect_distrust(const Result<>& checked, const std::filesystem::path& path, const char* mode) {
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, std::errc::permission_denied);
    for (const std::string& part : {path.string(), "uid " + std::to_string(::geteuid()), std::string(mode)}) {
      EXPECT_NE(checked.error().message.find(part), std::string::npos) << checked.error().message;
    }
  }

  static std::filesystem::path make_directory() {
    std::string name = (std::filesystem::temp_directory_path() / "trusted-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    return name;
  }

  const std::filesystem::path directory = make_directory();
  const std::filesystem::path file = directory / "file";
};

TEST_F(TrustedFile, AFileThatGroupOrOthersMayWriteIsRefusedWithOwnerAndMode) {
  EXPECT_TRUE(check_trusted_file(file));
  for (const auto& [mode, text] : {std::pair{0664U, "0664"}, {0646U, "0646"}, {0666U, "0666"}}) {
    ASSERT_EQ(::chmod(file.c_str(), mode), 0);
    expect_distrust(check_trusted_file(file), file, text);
    const auto read = read_trusted_file(file, 100);
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().message.find(file.string()), std::string::npos);
  }
}

TEST_F(TrustedFile, AFileIsReadUpToTheLimit) {
  EXPECT_EQ(read_trusted_file(file, 100).value(), "first\nsecond\n");
  EXPECT_EQ(read_trusted_file(file, 5).value(), "first");
  const auto missing = read_trusted_file(directory / "none", 100);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, std::errc::no_such_file_or_directory);
  EXPECT_EQ(missing.error().message, "") << "the caller knows what the file is for";
}

TEST_F(TrustedFile, AFileOfAnotherUserIsRefusedAndOneOfRootIsNot) {
  if (::geteuid() != 0) GTEST_SKIP() << "root alone gives files away";
  ASSERT_EQ(::chown(file.c_str(), stranger, stranger), 0);
  const auto checked = check_trusted_file(file);
  ASSERT_FALSE(checked);
  EXPECT_NE(checked.error().message.find("belongs to uid 54321 and has mode 0644"), std::string::npos)
      << checked.error().message;
  EXPECT_TRUE(check_trusted_file("/etc/passwd"));
}

TEST_F(TrustedFile, ADirectoryThatOthersMayWriteIsRefusedEvenIfItIsSticky) {
  EXPECT_TRUE(check_trusted_directory(directory)) << "its parent is sticky";
  for (const auto& [mode, text] : {std::pair{0770U, "0770"}, {0777U, "0777"}, {01777U, "1777"}}) {
    ASSERT_EQ(::chmod(directory.c_str(), mode), 0);
    expect_distrust(check_trusted_directory(directory), directory, text);
  }
}

TEST_F(TrustedFile, ADirectoryThatOthersCanReplaceIsRefusedByTheNameOfItsParent) {
  const auto inner = directory / "inner";
  std::filesystem::create_directory(inner);
  ASSERT_EQ(::chmod(inner.c_str(), 0700), 0);
  EXPECT_TRUE(check_trusted_directory(inner));
  ASSERT_EQ(::chmod(directory.c_str(), 0777), 0);
  expect_distrust(check_trusted_directory(inner), directory, "0777");
}

TEST_F(TrustedFile, ALinkIsCheckedWithWhatItLeadsTo) {
  const auto inner = directory / "inner";
  const auto link = directory / "link";
  std::filesystem::create_directory(inner);
  std::filesystem::create_directory_symlink(inner, link);
  ASSERT_EQ(::chmod(inner.c_str(), 0700), 0);
  EXPECT_TRUE(check_trusted_directory(link));
  ASSERT_EQ(::chmod(inner.c_str(), 0777), 0);
  expect_distrust(check_trusted_directory(link), inner, "0777");
  if (::geteuid() != 0) return;
  ASSERT_EQ(::chmod(inner.c_str(), 0700), 0);
  ASSERT_EQ(::lchown(link.c_str(), stranger, stranger), 0);
  EXPECT_FALSE(check_trusted_directory(link)) << "a link that another user planted";
}

TEST_F(TrustedFile, AFileInADirectorysPlaceIsNamed) {
  const auto checked = check_trusted_directory(file);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, std::errc::not_a_directory);
  EXPECT_NE(checked.error().message.find(file.string()), std::string::npos);
  EXPECT_EQ(check_trusted_directory(directory / "none").error().code, std::errc::no_such_file_or_directory);
}

TEST_F(TrustedFile, AFifoThatGivesNothingIsAnErrorAndNoEndlessWait) {
  const std::filesystem::path fifo = directory / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(read_trusted_file(fifo, 100).value(), "") << "no process writes";
  const int writer = ::open(fifo.c_str(), O_RDWR | O_CLOEXEC);
  const auto read = read_trusted_file(fifo, 100);
  ::close(writer);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, std::errc::timed_out);
}

TEST_F(TrustedFile, AFifoThatGivesByteAfterByteEndsInTimeToo) {
  const std::filesystem::path fifo = directory / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const int writer = ::open(fifo.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK);
  std::jthread drip([writer](const std::stop_token& end) {
    while (!end.stop_requested()) {
      EXPECT_EQ(::write(writer, "x", 1), 1);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  });
  const auto read = read_trusted_file(fifo, 1U << 20);
  drip.request_stop();
  drip.join();
  ::close(writer);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, std::errc::timed_out);
}

TEST_F(TrustedFile, WhatIsReadMoreThanOnceHasToBeARegularFile) {
  EXPECT_EQ(read_trusted_regular_file(file, 100).value(), "first\nsecond\n");
  EXPECT_EQ(read_trusted_regular_file(file, 5).value(), "first");
  const std::filesystem::path fifo = directory / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  // With a writer too, which would make a reader wait.
  const int writer = ::open(fifo.c_str(), O_RDWR | O_CLOEXEC);
  for (const auto& [path, kind] : {std::pair<std::filesystem::path, const char*>{fifo, "a pipe"},
                                   {directory, "a directory"},
                                   {"/dev/zero", "a character device"}}) {
    const auto read = read_trusted_regular_file(path, 100);
    ASSERT_FALSE(read) << path;
    EXPECT_EQ(read.error().message, std::string("it is ") + kind + ", expected a regular file");
  }
  ::close(writer);
  ASSERT_EQ(::chmod(file.c_str(), 0666), 0);
  EXPECT_EQ(read_trusted_regular_file(file, 100).error().code, std::errc::permission_denied);
  EXPECT_EQ(read_trusted_regular_file(directory / "none", 100).error().message, "");
}

}  // namespace
}  // namespace busrt::base
