// A client that is killed: the kernel closes what it had open, wherever it stood.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "broker_hostile_fixture.hpp"

namespace busrt {
namespace {

class BrokerKilledClient : public BrokerHostile {};
// A client of this process cannot be killed alone, so there is no in-process variant.
INSTANTIATE_TEST_SUITE_P(All, BrokerKilledClient,
                         testing::Values(Variant{"ipc_1_shard", 1, false}, Variant{"ipc_3_shards", 3, false}),
                         [](const auto& variant) { return variant.param.name; });

TEST_P(BrokerKilledClient, a_client_killed_in_the_middle_of_a_frame_disturbs_nobody) {
  start();
  auto witnesses = bystanders();
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    WireClient victim(busrt_testing::connect_unix(socket_), "victim");
    const std::string bytes =
        frame_bytes(Op::publish, std::string("bystander/topic\0", 16) + std::string(100'000, 'x'));
    victim.write_raw(std::string_view(bytes).substr(0, 50'000));
    (void)!::write(ready[1], "x", 1);
    ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(eventually([&] { return broker_->stats().clients == 2; }));
  witnesses.check();
  ::close(ready[0]);
  ::close(ready[1]);
}

}  // namespace
}  // namespace busrt
