// A subscriber that stops reading costs the others time and nothing else.
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <boost/json/serialize.hpp>
#include <deque>

#include "agent_process.hpp"
#include "busrt/blocking_client.hpp"

extern char** environ;

namespace system_tests {
namespace {

/// Starts and reaps `count` processes of a program that does nothing.
void run_processes(int count) {
  for (int i = 0; i < count; ++i) {
    std::string program = "/bin/true";
    char* const argv[] = {program.data(), nullptr};
    pid_t pid = 0;
    ASSERT_EQ(::posix_spawn(&pid, program.c_str(), nullptr, nullptr, argv, environ), 0);
    ::waitpid(pid, nullptr, 0);
  }
}

std::uint64_t number_at(const boost::json::object& object, std::string_view key) {
  return object.at(key).to_number<std::uint64_t>();
}

/// Connections that the embedded broker ended as slow consumers.
std::uint64_t slow_consumers(const boost::json::object& status) {
  const auto& broker = status.at("bus").at("broker").as_object();
  return number_at(broker.at("closed").as_object(), "slow_consumer");
}

TEST(SlowReader, OnesThatDoNotReadHoldTheCollectorUntilTheyAreClosedAndCostNoEvent) {
  // The stall limit is longer than the bus timeout (5 s), and the patience with health checks is shorter.
  AgentUnderTest agent(R"([bus]
queue_frames = 64
stall_limit_ms = 6000
[collectors.procmond.health]
interval_ms = 50
timeout_ms = 2000
max_missed = 2
)");
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  std::deque<busrt::BlockingClient> stuck;
  for (const std::string name : {"stuck-1", "stuck-2"}) {
    auto& reader =
        stuck.emplace_back(busrt::ClientConfig{.name = name, .address = agent.address(), .queue_frames = 1});
    ASSERT_TRUE(reader.connect());
    ASSERT_TRUE(reader.subscribe({"events.*", "health.*"}));
  }
  busrt::BlockingRpcClient caller({.name = "caller", .address = agent.address()},
                                  {.call_timeout = std::chrono::milliseconds(200)});
  ASSERT_TRUE(caller.connect());
  // One holds the collector after the other, once more has come than the sockets' buffers hold.
  ASSERT_TRUE(wait_until([&] {
    // A health record every 10 ms.
    static_cast<void>(caller.call("procmond", "update_config", busrt::as_bytes(R"({"heartbeat_ms":10})")));
    run_processes(50);
    const auto status = agent.status();
    return status && slow_consumers(*status) == stuck.size();
  })) << agent.program().err();
  run_processes(20);
  ASSERT_TRUE(wait_until([&agent] {
    const auto now = agent.collector();
    const auto& health = now.at("health").as_object();
    return now.at("state").as_string() == "running" && !now.contains("silent_since") &&
           health.contains("queued") && number_at(health, "queued") == 0;
  })) << agent.program().err();
  const auto now = agent.collector();
  EXPECT_EQ(number_at(now, "restarts"), 0U) << agent.program().err();
  EXPECT_EQ(number_at(now, "epochs"), 1U);
  EXPECT_EQ(number_at(now, "missing"), 0U);
  EXPECT_EQ(number_at(now, "events_lost_reported"), 0U);
  EXPECT_TRUE(wait_until([&agent] { return agent.status()->at("complete").as_bool(); }))
      << boost::json::serialize(agent.status()->at("incomplete")) << agent.program().err();
  EXPECT_EQ(agent.program().err().find("lost the bus"), std::string::npos) << agent.program().err();
}

}  // namespace
}  // namespace system_tests
