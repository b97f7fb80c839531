// Peers that misbehave towards our broker, beyond what holds of every one (broker_contract_hostile_test.cpp).
#include <string>

#include "broker_hostile_fixture.hpp"
#include "process_limits.hpp"
#include "wire/codec.hpp"
#include "wire/handshake.hpp"

namespace busrt {
namespace {

INSTANTIATE_TEST_SUITE_P(All, BrokerHostile, testing::ValuesIn(all_variants()),
                         [](const auto& variant) { return variant.param.name; });

TEST_P(BrokerHostile, names_that_are_no_names_are_refused_in_the_handshake) {
  start();
  auto witnesses = bystanders();
  const std::string cases[] = {
      handshake_bytes("\xFF\xFE"),                   // not UTF-8
      handshake_bytes(std::string_view("a\0b", 3)),  // a NUL, which ends names in frames
      std::string("\xEB\x01\x00\xFF\xFF", 5),        // longer than names may be
  };
  std::uint64_t refused = 0;
  for (const std::string& bytes : cases) {
    EXPECT_EQ(last_answer(WireClient(channel()), bytes), errc::data);
    ++refused;
    witnesses.check();
  }
  EXPECT_EQ(broker_->stats().closed_for(CloseReason::handshake_refused), refused);
}

TEST_P(BrokerHostile, lines_that_peers_cause_are_limited_and_the_others_counted) {
  start();
  constexpr std::uint64_t peers = 500;
  for (std::uint64_t i = 0; i < peers; ++i)
    EXPECT_EQ(last_answer(WireClient(channel()), handshake_bytes("\xFF")), errc::data);
  broker_.reset();
  const std::string counted = "connections that ended, handshake_refused: ... and ";
  std::uint64_t written = 0;
  std::uint64_t left_out = 0;
  std::uint64_t windows = 0;
  for (const std::string& line : log_) {
    if (line.starts_with(counted)) {
      left_out += std::stoull(line.substr(counted.size()));
      ++windows;
    } else if (line.contains("handshake refused")) {
      ++written;
    }
  }
  EXPECT_EQ(written + left_out, peers);
  EXPECT_GE(windows, 1U);
  // A loaded machine may need more windows than one.
  EXPECT_LE(written, limits::log_lines * (windows + 1));
}

TEST_P(BrokerHostile, frames_beyond_a_limit_end_only_their_own_connection) {
  start();
  auto witnesses = bystanders();
  std::string endless = frame_bytes(Op::publish, "");
  endless.replace(5, 4, 4, '\xFF');
  const std::string cases[] = {
      endless,                                                                  // length 0xFFFFFFFF
      frame_bytes(Op::publish, std::string(5000, 'a') + std::string(1, '\0')),  // topic too long
      frame_bytes(Op::subscribe, std::string(400, '/')),                        // too many segments
  };
  std::uint64_t errors = 0;
  for (const std::string& bytes : cases) {
    auto peer = connect("peer");
    peer.write_raw(bytes);
    EXPECT_TRUE(peer.wait_for_close());
    ++errors;
    EXPECT_TRUE(
        eventually([&] { return broker_->stats().closed_for(CloseReason::protocol_error) == errors; }));
    witnesses.check();
  }
}

TEST_P(BrokerHostile, a_filter_that_would_take_long_to_compile_is_refused) {
  start();
  auto client = connect("client");
  // 19 bytes that RE2 would compile for 80 ms, while others wait.
  const std::string reply = client.call_broker("client.list",
                                               "\x81\xA6"
                                               "filter"
                                               "\xB3(\\pL\\pN\\pS\\pP){100}");
  EXPECT_EQ(reply.at(0), '\x12');
  EXPECT_NE(reply.find("filter: "), std::string::npos) << reply;
}

TEST_P(BrokerHostile, a_length_that_lies_costs_no_memory) {
  start();
  auto witnesses = bystanders();
  std::string header = frame_bytes(Op::publish, "");
  const auto claim = limits::max_body_bytes;
  wire::store_u32(reinterpret_cast<std::byte*>(header.data() + 5), claim);
  std::vector<WireClient> liars;
  for (int i = 0; i < 20; ++i) liars.push_back(connect("liar" + std::to_string(i)));
  const std::size_t before = resident_bytes();
  for (WireClient& liar : liars) liar.write_raw(header + "a little");
  witnesses.check();
  EXPECT_LT(resident_bytes(), before + claim) << "twenty claims of 64 MiB each must not be believed";
}

}  // namespace
}  // namespace busrt
