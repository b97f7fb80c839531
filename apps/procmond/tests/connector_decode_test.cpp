// Datagrams of the process connector, as captured from a kernel, cut at every byte, and made up.
#include "linux/connector_decode.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string_view>
#include <vector>

#include "linux/sequence_check.hpp"

namespace procmond::linux_os {
namespace {

using Bytes = std::vector<std::byte>;

template <class... Words>
Bytes words(Words... values) {
  Bytes bytes(sizeof...(values) * 4);
  std::size_t at = 0;
  for (const std::uint32_t value : {static_cast<std::uint32_t>(values)...}) {
    std::memcpy(bytes.data() + at, &value, 4);
    at += 4;
  }
  return bytes;
}

/// A datagram of one message: netlink header, connector header, event header and its six words.
Bytes datagram(std::uint32_t what, std::uint32_t sequence, std::uint32_t cpu,
               std::vector<std::uint32_t> body) {
  body.resize(6);
  return words(76, 3, 0, 0, 1, 1, sequence, 0, 40, what, cpu, 0x89abcdefU, 0x01234567U, body[0], body[1],
               body[2], body[3], body[4], body[5]);
}

std::vector<ConnectorMessage> decoded(const Bytes& bytes) {
  std::vector<ConnectorMessage> messages;
  EXPECT_TRUE(decode_datagram(bytes, messages));
  return messages;
}

TEST(ConnectorDecode, AForkNamesParentAndChild) {
  const auto messages = decoded(datagram(1, 7, 1, {11126, 11125, 11167, 11166}));
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].sequence, 7U);
  EXPECT_EQ(messages[0].cpu, 1U);
  ASSERT_TRUE(messages[0].event);
  const KernelEvent& event = *messages[0].event;
  EXPECT_EQ(event.kind, KernelEvent::Kind::fork);
  EXPECT_EQ(event.parent, 11125);
  EXPECT_EQ(event.pid, 11167);
  EXPECT_EQ(event.tgid, 11166);
  EXPECT_TRUE(event.of_thread());
  EXPECT_EQ(event.timestamp_ns, 0x0123456789abcdefU);
}

TEST(ConnectorDecode, AnExitCarriesStatusAndParent) {
  const auto messages = decoded(datagram(0x80000000U, 3, 0, {20, 20, 768, 17, 10, 9}));
  ASSERT_TRUE(messages.at(0).event);
  EXPECT_EQ(messages[0].event->kind, KernelEvent::Kind::exit);
  EXPECT_EQ(messages[0].event->status, 768U);
  EXPECT_EQ(messages[0].event->parent, 9);
  EXPECT_FALSE(messages[0].event->of_thread());
}

TEST(ConnectorDecode, AnExitOfAnOldKernelHasNoParent) {
  Bytes bytes = datagram(0x80000000U, 3, 0, {20, 20, 9, 17});
  const std::uint32_t length = 76 - 8;
  const std::uint16_t payload = 32;
  bytes.resize(length);
  std::memcpy(bytes.data(), &length, 4);
  std::memcpy(bytes.data() + 32, &payload, 2);
  const auto messages = decoded(bytes);
  ASSERT_TRUE(messages.at(0).event);
  EXPECT_EQ(messages[0].event->status, 9U);
  EXPECT_EQ(messages[0].event->parent, 0);
}

TEST(ConnectorDecode, ExecAndIdChanges) {
  EXPECT_EQ(decoded(datagram(2, 1, 0, {5, 5})).at(0).event->kind, KernelEvent::Kind::exec);
  const auto uid = decoded(datagram(4, 1, 0, {5, 5, 1000, 0})).at(0).event;
  EXPECT_EQ(uid->kind, KernelEvent::Kind::uid);
  EXPECT_EQ(uid->ids, (IdPair{1000, 0}));
  EXPECT_EQ(decoded(datagram(0x40, 1, 0, {5, 5, 1, 2})).at(0).event->kind, KernelEvent::Kind::gid);
}

TEST(ConnectorDecode, ANameMayFillItsField) {
  const auto comm =
      decoded(datagram(0x200, 1, 0, {5, 5, 0x61616161, 0x61616161, 0x61616161, 0x61616161})).at(0).event;
  EXPECT_EQ(comm->kind, KernelEvent::Kind::comm);
  EXPECT_EQ(std::string_view(comm->comm.data(), comm->comm.size()), "aaaaaaaaaaaaaaaa");
}

TEST(ConnectorDecode, KindsWithoutUseAreNumberedButNoEvents) {
  for (const std::uint32_t what : {0x80U, 0x100U, 0x40000000U, 0x00000400U}) {
    const auto messages = decoded(datagram(what, 9, 1, {5, 5}));
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_FALSE(messages[0].event);
    EXPECT_EQ(messages[0].sequence, 9U);
  }
}

TEST(ConnectorDecode, AConfirmationIsNoEvent) {
  const auto messages = decoded(datagram(0, 1, 0xffffffffU, {1}));
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_TRUE(messages[0].confirmation);
  EXPECT_EQ(messages[0].confirmation_error, 1U);
  EXPECT_FALSE(messages[0].cpu);
}

TEST(ConnectorDecode, SeveralMessagesInOneDatagram) {
  Bytes bytes = datagram(2, 1, 0, {5, 5});
  const Bytes second = datagram(2, 2, 0, {6, 6});
  bytes.insert(bytes.end(), second.begin(), second.end());
  EXPECT_EQ(decoded(bytes).size(), 2U);
}

TEST(ConnectorDecode, ACutDatagramIsRefusedAtEveryByte) {
  const Bytes whole = datagram(0x80000000U, 3, 0, {20, 20, 768, 17, 10, 9});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    // A copy of its own, so that a read past its end shows under the address sanitizer.
    const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    std::vector<ConnectorMessage> messages;
    EXPECT_FALSE(decode_datagram(part, messages)) << size;
    EXPECT_TRUE(messages.empty()) << size;
  }
}

TEST(ConnectorDecode, WrongLengthsAreRefused) {
  for (const std::size_t at : {std::size_t{0}, std::size_t{32}}) {
    for (const std::uint32_t value : {0U, 1U, 15U, 77U, 0xffffU, 0xffffffffU}) {
      Bytes bytes = datagram(2, 1, 0, {5, 5});
      std::memcpy(bytes.data() + at, &value, at == 0 ? 4 : 2);
      std::vector<ConnectorMessage> messages;
      EXPECT_FALSE(decode_datagram(bytes, messages)) << at << ": " << value;
    }
  }
}

TEST(ConnectorDecode, OtherConnectorsAndSenselessPidsAreRefused) {
  Bytes foreign = datagram(2, 1, 0, {5, 5});
  foreign[16] = std::byte{7};
  std::vector<ConnectorMessage> messages;
  EXPECT_FALSE(decode_datagram(foreign, messages));
  EXPECT_FALSE(decode_datagram(datagram(2, 1, 0, {0, 0}), messages));
  EXPECT_FALSE(decode_datagram(datagram(2, 1, 0, {0x80000000U, 5}), messages));
  EXPECT_TRUE(messages.empty());
}

TEST(ConnectorDecode, RandomBytesDoNoHarm) {
  std::mt19937 random(1);
  std::size_t refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    Bytes bytes = datagram(static_cast<std::uint32_t>(1U << (random() % 32U)), 1, 0, {5, 5, 1, 1, 1, 1});
    for (unsigned i = 0; i < 1 + random() % 8; ++i)
      bytes[random() % bytes.size()] = static_cast<std::byte>(random());
    bytes.resize(random() % (bytes.size() + 1));
    std::vector<ConnectorMessage> messages;
    if (!decode_datagram(bytes, messages)) ++refused;
    EXPECT_LE(messages.size(), 1U);
  }
  EXPECT_GT(refused, 10'000U);
}

TEST(ConnectorRequestBytes, AreThePlainRequest) {
  const RequestBytes bytes = encode_request(ConnectorRequest::listen, 5, 6);
  const Bytes expected = words(40, 3, 0, 0, 1, 1, 5, 6, 4, 1);
  EXPECT_TRUE(std::ranges::equal(bytes, expected));
}

TEST(SequenceCheck, CountsHolesPerCpu) {
  SequenceCheck check;
  EXPECT_EQ(check.see(0, 100), 0U) << "counting begins anywhere";
  EXPECT_EQ(check.see(1, 7), 0U);
  EXPECT_EQ(check.see(0, 101), 0U);
  EXPECT_EQ(check.see(0, 105), 3U);
  EXPECT_EQ(check.see(1, 8), 0U);
  EXPECT_EQ(check.missing(), 3U);
}

TEST(SequenceCheck, GoesOnOverTheWrap) {
  SequenceCheck check;
  check.see(0, 0xfffffffeU);
  EXPECT_EQ(check.see(0, 0xffffffffU), 0U);
  EXPECT_EQ(check.see(0, 0), 0U);
  EXPECT_EQ(check.see(0, 2), 1U);
}

TEST(SequenceCheck, ANumberThatGoesBackIsANewBeginning) {
  SequenceCheck check;
  check.see(0, 100);
  EXPECT_EQ(check.see(0, 5), 0U);
  EXPECT_EQ(check.see(0, 6), 0U);
  EXPECT_EQ(check.missing(), 0U);
  EXPECT_EQ(check.restarts(), 1U);
}

}  // namespace
}  // namespace procmond::linux_os
