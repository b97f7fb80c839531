// A storm of short-lived processes: every exec and exit is on the bus, or a loss record says that it is not.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <map>
#include <random>
#include <thread>

#include "agent_process.hpp"
#include "busrt/blocking_client.hpp"
#include "daemoneye/events/event.hpp"

extern char** environ;

namespace system_tests {
namespace {

using namespace std::chrono_literals;

constexpr int storm_size = 2000;
/// How many run at once: enough to keep every CPU busy.
constexpr int storm_width = 16;

struct Sighting {
  int execs = 0;
  int exits = 0;
  bool argument_seen = false;
  bool says_incomplete = false;  ///< its exec names `args` as what could not be read
};

/// What came over the bus.
struct Account {
  std::map<pid_t, Sighting> processes;
  std::uint64_t first_seq = 0, last_seq = 0, records = 0, holes = 0;
  std::uint64_t lost = 0;
  bool lost_unknown = false;

  void take(const daemoneye::events::Event& event, const std::string& mark) {
    if (records++ == 0) first_seq = event.seq;
    if (last_seq != 0 && event.seq != last_seq + 1) ++holes;
    last_seq = event.seq;
    if (event.is_loss()) {
      const auto loss = daemoneye::events::parse_loss(event.data);
      ASSERT_TRUE(loss) << loss.error().message;
      lost += loss->count.value_or(0);
      lost_unknown = lost_unknown || !loss->count;
      return;
    }
    const auto pid = event.data.at("process").at("pid").to_number<pid_t>();
    Sighting& seen = processes[pid];
    if (event.kind == "exec") {
      ++seen.execs;
      const auto& args = event.data.at("args");
      seen.argument_seen = args.is_array() && boost::json::serialize(args).find(mark) != std::string::npos;
      const auto* incomplete = event.data.if_contains("incomplete");
      seen.says_incomplete =
          incomplete != nullptr && boost::json::serialize(*incomplete).find("\"args\"") != std::string::npos;
    }
    if (event.kind == "exit") ++seen.exits;
  }
};

std::vector<pid_t> raise_storm(const std::string& mark) {
  std::vector<pid_t> pids;
  int running = 0;
  for (int i = 0; i < storm_size; ++i) {
    std::string program = "/bin/true";
    std::string argument = fmt::format("{}-{}", mark, i);
    char* const argv[] = {program.data(), argument.data(), nullptr};
    pid_t pid = 0;
    if (::posix_spawn(&pid, program.c_str(), nullptr, nullptr, argv, environ) != 0) break;
    pids.push_back(pid);
    if (++running == storm_width) {
      ::waitpid(pids[pids.size() - storm_width], nullptr, 0);
      --running;
    }
  }
  for (const pid_t pid : pids) ::waitpid(pid, nullptr, 0);
  return pids;
}

TEST(Storm, EveryExecAndExitIsSeenOrAccountedFor) {
  if (::geteuid() != 0) GTEST_SKIP() << "the kernel's process connector needs root";
  AgentUnderTest agent;
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  busrt::BlockingClient client({.name = "storm-watcher", .address = agent.address()});
  ASSERT_TRUE(client.connect());
  ASSERT_TRUE(client.subscribe({"events.*"}));

  const std::string mark = fmt::format("storm-{:08x}", std::random_device{}());
  std::vector<pid_t> pids;
  std::thread storm([&pids, &mark] { pids = raise_storm(mark); });
  storm.join();
  ASSERT_EQ(pids.size(), static_cast<std::size_t>(storm_size));

  Account account;
  std::size_t missing = pids.size() * 2;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  auto quiet_since = std::chrono::steady_clock::now();
  while (missing != 0 && std::chrono::steady_clock::now() < deadline) {
    while (const auto frame = client.receive(100ms)) {
      if (!frame->topic().starts_with("events.")) continue;
      const auto event = daemoneye::events::decode_event(frame->text());
      ASSERT_TRUE(event) << event.error().message;
      ASSERT_NO_FATAL_FAILURE(account.take(*event, mark));
    }
    missing = 0;
    for (const pid_t pid : pids) {
      const Sighting& seen = account.processes[pid];
      missing += static_cast<std::size_t>(seen.execs == 0) + static_cast<std::size_t>(seen.exits == 0);
    }
    // With losses on record there may be nothing more to wait for.
    if ((account.lost != 0 || account.lost_unknown) && std::chrono::steady_clock::now() - quiet_since > 5s)
      break;
  }
  std::size_t with_argument = 0;
  for (const pid_t pid : pids)
    with_argument += static_cast<std::size_t>(account.processes[pid].argument_seen);
  RecordProperty("execs_and_exits_not_seen", static_cast<int>(missing));
  RecordProperty("execs_with_argument", static_cast<int>(with_argument));
  RecordProperty("events_lost_reported", static_cast<int>(account.lost));

  if (!account.lost_unknown) {
    EXPECT_LE(missing, account.lost) << "something is gone that nobody accounts for";
  }
  EXPECT_EQ(account.holes, 0U);
  EXPECT_EQ(account.records, account.last_seq - account.first_seq + 1) << "the numbers add up";

  const auto status = agent.collector();
  EXPECT_EQ(status.at("missing").to_number<std::uint64_t>(), 0U);
  EXPECT_EQ(status.at("events_received").to_number<std::uint64_t>(),
            status.at("seq").to_number<std::uint64_t>());
  EXPECT_GE(status.at("seq").to_number<std::uint64_t>(), account.last_seq);
  EXPECT_EQ(status.at("restarts").to_number<int>(), 0);
}

}  // namespace
}  // namespace system_tests
