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
