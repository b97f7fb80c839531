// The limit on connections of one user, whom the kernel names.
#include <unistd.h>

#include <string>

#include "broker_fixture.hpp"

namespace busrt {
namespace {

class BrokerUidLimit : public BrokerTest {};
INSTANTIATE_TEST_SUITE_P(All, BrokerUidLimit,
                         testing::Values(Variant{"ipc_1_shard", 1, false}, Variant{"ipc_3_shards", 3, false}),
                         [](const auto& variant) { return variant.param.name; });

TEST_P(BrokerUidLimit, of_one_user_are_limited_by_the_kernels_word) {
  start({.max_connections_per_uid = 2, .log = {}});
  auto first = connect("first");
  auto second = connect("second");
  WireClient third(channel());
  EXPECT_TRUE(third.wait_for_close());
  EXPECT_EQ(broker_->stats().refused[static_cast<std::size_t>(RefusalReason::too_many_of_uid)], 1U);
  EXPECT_TRUE(logged("uid " + std::to_string(::getuid()) + " has 2, the limit for one user"));
}

}  // namespace
}  // namespace busrt
