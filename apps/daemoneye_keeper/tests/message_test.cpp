// The protocol's bytes, and messages with descriptors over a real socket pair.
#include "daemoneye_keeper/protocol/message.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "daemoneye_keeper/protocol/message_socket.hpp"

namespace daemoneye_keeper {
namespace {

using busrt::base::UniqueFd;

Message full_message() {
  Message message{
      .kind = Kind::start, .serial = 7, .number = -3, .pid = 1234, .time = 1'700'000'000'000'000'000};
  message.name = "procmond";
  message.text = "mark";
  message.argv = {"/usr/bin/procmond", "--bus", "", "ipc:///run/bus.sock"};
  return message;
}

struct Sockets {
  UniqueFd one, other;
};

Sockets make_sockets() {
  std::array<int, 2> ends{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

TEST(KeeperMessage, ComesBackAsItWas) {
  const auto bytes = encode(full_message());
  ASSERT_TRUE(bytes);
  const auto message = decode(*bytes);
  ASSERT_TRUE(message) << message.error().describe();
  EXPECT_EQ(message->kind, Kind::start);
  EXPECT_EQ(message->serial, 7U);
  EXPECT_EQ(message->number, -3);
  EXPECT_EQ(message->pid, 1234);
  EXPECT_EQ(message->time, 1'700'000'000'000'000'000);
  EXPECT_EQ(message->name, "procmond");
  EXPECT_EQ(message->text, "mark");
  EXPECT_EQ(message->argv, full_message().argv);
}

TEST(KeeperMessage, CutOffAnywhereIsRefused) {
  const auto bytes = encode(full_message());
  ASSERT_TRUE(bytes);
  for (std::size_t length = 0; length < bytes->size(); ++length) {
    const auto message = decode(std::span(*bytes).first(length));
    ASSERT_FALSE(message) << length;
    EXPECT_EQ(message.error().code, std::errc::bad_message) << length;
  }
}

TEST(KeeperMessage, WithBytesLeftOverOrOfAnotherVersionOrKindIsRefused) {
  auto bytes = encode(full_message());
  ASSERT_TRUE(bytes);
  auto longer = *bytes;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(decode(longer));
  auto newer = *bytes;
  newer[0] = std::byte{protocol_version + 1};
  const auto refused = decode(newer);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, std::errc::protocol_not_supported);
  auto unknown = *bytes;
  unknown[1] = std::byte{last_kind + 1};
  EXPECT_FALSE(decode(unknown));
}

TEST(KeeperMessage, BeyondALimitIsRefusedByBothSides) {
  Message large = full_message();
  large.text.assign(max_message_bytes, 'x');
  ASSERT_FALSE(encode(large));
  EXPECT_EQ(encode(large).error().code, std::errc::message_size);
  EXPECT_FALSE(decode(std::vector<std::byte>(max_message_bytes + 1)));
  Message named = full_message();
  named.name.assign(max_name_bytes + 1, 'x');
  EXPECT_FALSE(encode(named));
  Message zero = full_message();
  zero.argv.emplace_back("a\0b", 3);
  EXPECT_FALSE(encode(zero));
  Message many = full_message();
  many.argv.assign(max_arguments + 1, "");
  EXPECT_FALSE(encode(many));
}

TEST(KeeperMessage, AnyFourBytesInItsHeadDoNoHarm) {
  const auto bytes = encode(full_message());
  ASSERT_TRUE(bytes);
  for (std::size_t place = 2; place + 4 <= bytes->size(); ++place) {
    auto changed = *bytes;
    std::memset(changed.data() + place, 0xFF, 4);
    static_cast<void>(decode(changed));
  }
}

TEST(KeeperSocket, ADescriptorArrivesWithItsMessageAndClosesByExec) {
  const Sockets sockets = make_sockets();
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  const UniqueFd read_end(pipe[0]);
  Message message = full_message();
  message.descriptors.emplace_back(pipe[1]);
  ASSERT_TRUE(send_message(sockets.one.get(), message));
  message.descriptors.clear();
  auto got = receive_message(sockets.other.get());
  ASSERT_TRUE(got && *got);
  ASSERT_EQ((*got)->descriptors.size(), 1U);
  const int arrived = (*got)->descriptors[0].get();
  EXPECT_EQ(::fcntl(arrived, F_GETFD), FD_CLOEXEC);
  ASSERT_EQ(::write(arrived, "x", 1), 1);
  char letter = 0;
  EXPECT_EQ(::read(read_end.get(), &letter, 1), 1);
}

TEST(KeeperSocket, MoreDescriptorsThanOneAreRefusedAndClosed) {
  const Sockets sockets = make_sockets();
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  const UniqueFd read_end(pipe[0]);
  UniqueFd write_end(pipe[1]);
  Message twice = full_message();
  for (int i = 0; i < 2; ++i) twice.descriptors.emplace_back(::fcntl(write_end.get(), F_DUPFD_CLOEXEC, 0));
  EXPECT_FALSE(send_message(sockets.one.get(), twice));
  twice.descriptors.clear();

  // As another program would send them.
  const auto bytes = encode(full_message());
  ASSERT_TRUE(bytes);
  auto copy = *bytes;
  iovec data{copy.data(), copy.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(4 * sizeof(int))> control{};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  cmsghdr* const part = CMSG_FIRSTHDR(&header);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(4 * sizeof(int));
  const std::array<int, 4> four{write_end.get(), write_end.get(), write_end.get(), write_end.get()};
  std::memcpy(CMSG_DATA(part), four.data(), sizeof four);
  ASSERT_GT(::sendmsg(sockets.one.get(), &header, 0), 0);
  EXPECT_FALSE(receive_message(sockets.other.get()));
  write_end.reset();
  char letter = 0;
  EXPECT_EQ(::read(read_end.get(), &letter, 1), 0) << "no copy is left open";
}

TEST(KeeperSocket, SaysWhatIsNotThereAndWhoIsGone) {
  Sockets sockets = make_sockets();
  const auto nothing = receive_message(sockets.one.get());
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, std::errc::resource_unavailable_try_again);
  ASSERT_EQ(::send(sockets.other.get(), "garbage", 7, 0), 7);
  EXPECT_FALSE(receive_message(sockets.one.get()));
  ASSERT_TRUE(send_message(sockets.other.get(), full_message()));
  const auto next = receive_message(sockets.one.get());
  EXPECT_TRUE(next && *next) << "one bad message does not end the connection";
  sockets.other.reset();
  const auto end = receive_message(sockets.one.get());
  ASSERT_TRUE(end);
  EXPECT_FALSE(*end);
  EXPECT_FALSE(send_message(sockets.one.get(), full_message()));
}

TEST(DescribeEnd, NamesExitCodesAndSignals) {
  EXPECT_EQ(describe_end(3 << 8), "exit code 3");
  EXPECT_EQ(describe_end(SIGKILL), "signal 9 (Killed)");
}

}  // namespace
}  // namespace daemoneye_keeper
