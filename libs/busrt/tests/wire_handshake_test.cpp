// Both sides of the handshake, in every chopping of the bytes, and everything that a side must refuse.
#include <gtest/gtest.h>

#include <string>

#include "busrt/limits.hpp"
#include "wire/handshake.hpp"
#include "wire_bytes.hpp"

namespace busrt::wire {
namespace {

using test::bytes;
using test::Bytes;
using test::hex;

/// Feeds `input` in pieces of `step` bytes until the machine stops taking; returns the bytes it took.
template <class Machine>
std::size_t feed_in_steps(Machine& machine, std::span<const std::byte> input, std::size_t step,
                          busrt::base::ByteBuffer& out) {
  std::size_t used = 0;
  while (used < input.size()) {
    const Bytes piece = test::exact(input.subspan(used, std::min(step, input.size() - used)));
    const std::size_t took = machine.feed(piece, out);
    EXPECT_LE(took, piece.size());
    used += took;
    if (took < piece.size()) break;
  }
  return used;
}

Bytes with_name(std::string_view name) {
  Bytes all = bytes("eb 01 00");
  all.push_back(static_cast<std::byte>(name.size() & 0xFFU));
  all.push_back(static_cast<std::byte>(name.size() >> 8U));
  for (const char c : name) all.push_back(static_cast<std::byte>(c));
  return all;
}

TEST(BrokerHandshake, opens_with_the_greeting) {
  busrt::base::ByteBuffer out;
  BrokerHandshake::begin(out);
  EXPECT_EQ(hex(out), "eb 01 00");
}

TEST(BrokerHandshake, takes_a_name_however_the_bytes_are_chopped) {
  const Bytes input = bytes("eb 01 00 05 00 'alice'");
  for (std::size_t step = 1; step <= input.size(); ++step) {
    BrokerHandshake handshake;
    busrt::base::ByteBuffer out;
    EXPECT_EQ(feed_in_steps(handshake, input, step, out), input.size()) << step;
    ASSERT_EQ(handshake.state(), BrokerHandshake::State::done) << step;
    EXPECT_EQ(handshake.name(), "alice");
    EXPECT_EQ(hex(out), "01") << "the greeting is answered, the name is the broker's to answer";
  }
}

TEST(BrokerHandshake, is_never_done_before_the_last_byte) {
  const Bytes input = bytes("eb 01 00 05 00 'alice'");
  for (std::size_t cut = 0; cut < input.size(); ++cut) {
    BrokerHandshake handshake;
    busrt::base::ByteBuffer out;
    EXPECT_EQ(handshake.feed(std::span(input).first(cut), out), cut);
    EXPECT_NE(handshake.state(), BrokerHandshake::State::done) << cut;
    EXPECT_NE(handshake.state(), BrokerHandshake::State::rejected) << cut;
    EXPECT_EQ(out.size(), cut >= 3 ? 1U : 0U) << cut;
  }
}

TEST(BrokerHandshake, leaves_the_bytes_of_an_early_client_for_the_frame_decoder) {
  const Bytes input = bytes("eb 01 00 05 00 'alice' 00000000 00 00000000");
  for (std::size_t step = 1; step <= input.size(); ++step) {
    BrokerHandshake handshake;
    busrt::base::ByteBuffer out;
    EXPECT_EQ(feed_in_steps(handshake, input, step, out), 10U) << step;
    EXPECT_EQ(handshake.name(), "alice");
    EXPECT_EQ(handshake.feed(std::span(input).subspan(10), out), 0U) << "done takes nothing more";
  }
}

TEST(BrokerHandshake, takes_names_up_to_the_limit_and_of_any_script) {
  for (const std::string& name :
       {std::string("a"), std::string(limits::max_name_bytes, 'n'), std::string("worker%%2"),
        std::string("a.b.c"), std::string("\xD0\xB8\xD0\xBC\xD1\x8F"), std::string("\xF0\x9F\x9A\x8C")}) {
    BrokerHandshake handshake;
    busrt::base::ByteBuffer out;
    handshake.feed(with_name(name), out);
    ASSERT_EQ(handshake.state(), BrokerHandshake::State::done) << name;
    EXPECT_EQ(handshake.name(), name);
  }
}

struct Refused {
  const char* name;
  Bytes input;
  const char* answer;  // hex of all that the broker wrote
  const char* reason;
};

class BrokerRefusal : public testing::TestWithParam<Refused> {};

TEST_P(BrokerRefusal, is_answered_with_its_code_however_the_bytes_are_chopped) {
  for (std::size_t step = 1; step <= GetParam().input.size(); ++step) {
    BrokerHandshake handshake;
    busrt::base::ByteBuffer out;
    feed_in_steps(handshake, GetParam().input, step, out);
    ASSERT_EQ(handshake.state(), BrokerHandshake::State::rejected) << step;
    EXPECT_EQ(hex(out), GetParam().answer) << step;
    EXPECT_STREQ(handshake.reason(), GetParam().reason);
    EXPECT_EQ(handshake.feed(bytes("eb 01 00"), out), 0U) << "a rejected peer is not read any further";
    EXPECT_EQ(hex(out), GetParam().answer);
  }
}

INSTANTIATE_TEST_SUITE_P(
    every_reason, BrokerRefusal,
    testing::Values(Refused{"wrong_greeting", bytes("ec 01 00"), "75", "the peer does not speak BUS/RT"},
                    Refused{"http", bytes("'GET / HTTP/1.1'"), "75", "the peer does not speak BUS/RT"},
                    Refused{"wrong_version", bytes("eb 02 00"), "75", "unsupported protocol version"},
                    Refused{"version_byte_order", bytes("eb 00 01"), "75", "unsupported protocol version"},
                    Refused{"wrong_version_high_byte", bytes("eb 01 01"), "75",
                            "unsupported protocol version"},
                    Refused{"empty_name", bytes("eb 01 00 00 00"), "01 72", "empty client name"},
                    Refused{"reserved_name", with_name(".broker"), "01 72", "reserved client name"},
                    Refused{"only_a_dot", with_name("."), "01 72", "reserved client name"},
                    Refused{"name_one_byte_too_long", with_name(std::string(limits::max_name_bytes + 1, 'n')),
                            "01 72", "client name too long"},
                    Refused{"longest_length", bytes("eb 01 00 ff ff"), "01 72", "client name too long"},
                    Refused{"not_utf8", with_name("al\xFFice"), "01 72", "client name is not valid"},
                    Refused{"cut_utf8", with_name("alice\xC3"), "01 72", "client name is not valid"},
                    Refused{"nul_in_name", with_name(std::string_view("al\0ice", 6)), "01 72",
                            "client name is not valid"}),
    [](const auto& param_info) { return std::string(param_info.param.name); });

TEST(BrokerHandshake, refuses_a_wrong_first_byte_without_waiting_for_the_others) {
  BrokerHandshake handshake;
  busrt::base::ByteBuffer out;
  handshake.feed(bytes("47"), out);
  EXPECT_EQ(handshake.state(), BrokerHandshake::State::rejected);
  EXPECT_EQ(hex(out), "75");
}

TEST(BrokerHandshake, refuses_a_too_long_name_from_its_length_alone) {
  BrokerHandshake handshake;
  busrt::base::ByteBuffer out;
  handshake.feed(bytes("eb 01 00 01 01"), out);
  EXPECT_EQ(handshake.state(), BrokerHandshake::State::rejected);
}

TEST(ClientHandshake, sends_greeting_and_name_however_the_bytes_are_chopped) {
  const Bytes input = bytes("eb 01 00 01 01");
  for (std::size_t step = 1; step <= input.size(); ++step) {
    ClientHandshake handshake("alice");
    busrt::base::ByteBuffer out;
    EXPECT_EQ(feed_in_steps(handshake, input, step, out), input.size());
    EXPECT_EQ(handshake.state(), ClientHandshake::State::done);
    EXPECT_EQ(hex(out), hex(bytes("eb 01 00 05 00 'alice'")));
  }
}

TEST(ClientHandshake, sends_each_part_only_when_the_broker_has_asked_for_it) {
  ClientHandshake handshake("alice");
  busrt::base::ByteBuffer out;
  handshake.feed(bytes("eb 01"), out);
  EXPECT_EQ(hex(out), "");
  handshake.feed(bytes("00"), out);
  EXPECT_EQ(hex(out), "eb 01 00");
  handshake.feed(bytes("01"), out);
  EXPECT_EQ(hex(out), hex(bytes("eb 01 00 05 00 'alice'")));
  EXPECT_EQ(handshake.state(), ClientHandshake::State::name_answer);
}

TEST(ClientHandshake, leaves_the_first_frames_for_the_frame_decoder) {
  const Bytes input = bytes("eb 01 00 01 01 00 00000000 00");
  for (std::size_t step = 1; step <= input.size(); ++step) {
    ClientHandshake handshake("alice");
    busrt::base::ByteBuffer out;
    EXPECT_EQ(feed_in_steps(handshake, input, step, out), 5U);
    EXPECT_EQ(handshake.state(), ClientHandshake::State::done);
  }
}

TEST(ClientHandshake, reports_the_refusal_of_either_answer) {
  for (const errc code : {errc::not_registered, errc::data, errc::busy, errc::access, errc::not_supported}) {
    for (const char* before : {"eb 01 00", "eb 01 00 01"}) {
      Bytes input = bytes(before);
      input.push_back(static_cast<std::byte>(code));
      ClientHandshake handshake("alice");
      busrt::base::ByteBuffer out;
      handshake.feed(input, out);
      EXPECT_EQ(handshake.state(), ClientHandshake::State::failed);
      EXPECT_EQ(handshake.error(), code);
      EXPECT_EQ(handshake.feed(bytes("01"), out), 0U) << "failed takes nothing more";
    }
  }
}

TEST(ClientHandshake, fails_on_a_peer_that_is_no_broker) {
  for (const char* input : {"'S'", "eb 02 00", "eb 01 01", "00"}) {
    ClientHandshake handshake("alice");
    busrt::base::ByteBuffer out;
    handshake.feed(bytes(input), out);
    EXPECT_EQ(handshake.state(), ClientHandshake::State::failed) << input;
    EXPECT_EQ(handshake.error(), errc::not_supported) << input;
    EXPECT_TRUE(out.empty()) << input;
  }
}

TEST(ClientHandshake, writes_a_two_byte_name_length) {
  const std::string name(0x1234, 'n');
  ClientHandshake handshake(name);
  busrt::base::ByteBuffer out;
  handshake.feed(bytes("eb 01 00 01"), out);
  ASSERT_EQ(out.size(), 3U + 2U + name.size());
  EXPECT_EQ(hex(out.data().subspan(3, 2)), "34 12");
}

TEST(ClientHandshake, never_shortens_a_name_that_the_wire_cannot_carry) {
  ClientHandshake handshake(std::string(0x10000, 'n'));
  busrt::base::ByteBuffer out;
  handshake.feed(bytes("eb 01 00 01"), out);
  EXPECT_EQ(handshake.state(), ClientHandshake::State::failed);
  EXPECT_EQ(handshake.error(), errc::data);
  EXPECT_EQ(hex(out), "eb 01 00");
}

TEST(Handshake, the_two_sides_understand_each_other) {
  BrokerHandshake broker;
  ClientHandshake client("alice%%1");
  busrt::base::ByteBuffer to_client;
  busrt::base::ByteBuffer to_broker;
  BrokerHandshake::begin(to_client);
  while (broker.state() != BrokerHandshake::State::done) {
    ASSERT_FALSE(to_client.empty() && to_broker.empty()) << "neither side has anything to say";
    to_client.consume(client.feed(to_client.data(), to_broker));
    to_broker.consume(broker.feed(to_broker.data(), to_client));
  }
  to_client.append(bytes("01"));
  to_client.consume(client.feed(to_client.data(), to_broker));
  EXPECT_EQ(client.state(), ClientHandshake::State::done);
  EXPECT_EQ(broker.name(), "alice%%1");
  EXPECT_TRUE(to_broker.empty());
  EXPECT_TRUE(to_client.empty());
}

}  // namespace
}  // namespace busrt::wire
