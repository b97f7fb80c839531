// Storms of short-lived processes, as root: every exec and exit is seen, or its loss is reported and
// repaired.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <map>
#include <set>

#include "arguments.hpp"
#include "child_process.hpp"
#include "daemoneye/collector/testing/recording_sink.hpp"
#include "daemoneye/host/proc_host.hpp"
#include "process_source.hpp"
#include "source_runner.hpp"

namespace procmond {
namespace {

using daemoneye::collector::Observation;

constexpr std::size_t storm = 2000;
/// Children at a time: more than there are processors, so that they wait for one another.
constexpr std::size_t at_once = 16;

class StormTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "the process connector takes root";
  }
  void start(std::int64_t buffer_bytes, bool realtime = true) {
    ASSERT_TRUE(source.configure(
        {{"method", "connector"}, {"receive_buffer_bytes", buffer_bytes}, {"realtime", realtime}}));
    const auto started = start_source(source, sink);
    ASSERT_TRUE(started) << started.error().describe();
    // What begins while the snapshot is taken is part of it.
    ASSERT_TRUE(caught_up());
  }
  void TearDown() override { stop_source(source); }

  static std::set<pid_t> run_storm(std::size_t count) {
    std::set<pid_t> all;
    std::set<pid_t> running;
    while (all.size() < count) {
      const pid_t pid = run_program({"/bin/true", "storm"});
      all.insert(pid);
      running.insert(pid);
      if (running.size() < at_once) continue;
      wait_for_child(*running.begin());
      running.erase(running.begin());
    }
    for (const pid_t pid : running) wait_for_child(pid);
    return all;
  }
  /// Once the exit of a process forked after the storm is there, so is everything before it.
  bool caught_up() {
    for (int attempt = 0; attempt < 20; ++attempt) {
      const pid_t last = run_program({"/bin/true", "last"});
      wait_for_child(last);
      const auto is_end = [last](const Observation& seen) {
        return seen.kind == "exit" && seen.data.at("process").at("pid") == last;
      };
      if (sink.wait_for(is_end, std::chrono::seconds(1))) return true;
    }
    return false;
  }
  /// Pids by kind, of those in the storm.
  std::map<std::string, std::multiset<pid_t>> seen_of(const std::set<pid_t>& storm_pids) const {
    std::map<std::string, std::multiset<pid_t>> result;
    for (const auto& seen : sink.observations()) {
      const auto pid = seen.data.at("process").at("pid").to_number<pid_t>();
      // Somebody else's process may have had the pid before.
      const auto* ppid = seen.data.if_contains("ppid");
      if (storm_pids.contains(pid) && ppid != nullptr && *ppid == ::getpid()) result[seen.kind].insert(pid);
    }
    return result;
  }
  /// Everything told of a process, for the message of a failure.
  std::string all_of(pid_t pid) const {
    std::string text;
    for (const auto& seen : sink.observations()) {
      if (seen.data.at("process").at("pid") == pid)
        text += "\n" + seen.kind + boost::json::serialize(seen.data);
    }
    return text;
  }
  /// The living processes and their start times, as the events tell.
  std::map<pid_t, std::uint64_t> painted() const {
    std::map<pid_t, std::uint64_t> alive;
    for (const auto& seen : sink.observations()) {
      const auto& process = seen.data.at("process");
      const auto pid = process.at("pid").to_number<pid_t>();
      if (seen.kind == "exit") {
        alive.erase(pid);
      } else if (process.at("start_time").is_number()) {
        alive[pid] = process.at("start_time").to_number<std::uint64_t>();
      }
    }
    return alive;
  }
  std::uint64_t lost() const {
    std::uint64_t count = 0;
    for (const auto& loss : sink.losses()) count += loss.count.value_or(0);
    return count;
  }

  ProcessSource source;
  daemoneye::collector::testing::RecordingSink sink;
};

TEST_F(StormTest, EveryForkExecAndExitIsSeenOrItsLossIsReported) {
  start(static_cast<std::int64_t>(limits::receive_buffer_bytes));
  const auto pids = run_storm(storm);
  ASSERT_TRUE(caught_up());
  auto seen = seen_of(pids);
  const std::set<std::string> kinds = {"new", "exec", "exit"};
  std::uint64_t events = 0;
  for (const auto& kind : kinds) {
    events += seen[kind].size();
    for (const pid_t pid : pids)
      EXPECT_LE(seen[kind].count(pid), 1U) << kind << " told twice:" << all_of(pid);
  }
  EXPECT_GE(events + lost(), pids.size() * kinds.size());
  if (lost() == 0) {
    for (const auto& kind : kinds) EXPECT_EQ(seen[kind].size(), pids.size()) << kind;
  }
  for (const auto& one : sink.observations()) {
    if (one.kind != "exit" || !pids.contains(one.data.at("process").at("pid").to_number<pid_t>())) continue;
    if (one.data.at("observed_by") != "connector") continue;
    EXPECT_EQ(one.data.at("exit_code"), 0);
  }
}

TEST_F(StormTest, ATinyBufferLosesWithAccountAndARescanMakesThePictureTrue) {
  start(static_cast<std::int64_t>(limits::receive_buffer_least), false);
  // Some stay: their forks may be lost, and only a rescan can find them then.
  std::set<pid_t> staying;
  std::set<pid_t> pids;
  int gate[2];
  ASSERT_EQ(::pipe(gate), 0);
  for (int round = 0; round < 50 && sink.losses().empty(); ++round) {
    pids.merge(run_storm(200));
    staying.insert(fork_child([&gate] {
      char byte = 0;
      ::close(gate[1]);
      return static_cast<int>(::read(gate[0], &byte, 1));
    }));
  }
  const auto losses = sink.losses();
  ASSERT_FALSE(losses.empty()) << "the buffer never overflowed";
  EXPECT_EQ(losses[0].cause, "kernel_buffer_overflow");
  ASSERT_TRUE(losses[0].count);
  EXPECT_GT(*losses[0].count, 0U);
  // Losses go on as long as anything runs on this machine, but so do rescans.
  const auto is_true = [&](const std::map<pid_t, std::uint64_t>& alive) {
    const auto is_alive = [&alive](pid_t pid) { return alive.contains(pid); };
    return std::ranges::all_of(staying, is_alive) && std::ranges::none_of(pids, is_alive);
  };
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  std::map<pid_t, std::uint64_t> alive = painted();
  const auto rescans = [this] { return source.health().at("rescans").to_number<int>(); };
  while ((!is_true(alive) || rescans() == 0) && std::chrono::steady_clock::now() < deadline) {
    sink.wait_for_count(sink.observations().size() + 1, std::chrono::milliseconds(100));
    alive = painted();
  }
  for (const pid_t pid : staying) EXPECT_TRUE(alive.contains(pid)) << "a process that runs is missing";
  for (const pid_t pid : pids) EXPECT_FALSE(alive.contains(pid)) << "a process that ended is still there";
  EXPECT_GE(rescans(), 1);
  const auto host = daemoneye::host::ProcHost::open(present_arguments);
  ASSERT_TRUE(host);
  for (const pid_t pid : staying) {
    const auto reading = (*host)->read(pid, Wanted{});
    ASSERT_TRUE(reading);
    EXPECT_EQ(alive[pid], reading->start_ticks);
  }
  // What was dropped last shows by the number of the next message, so there has to be one.
  const auto accounted = [&] {
    const auto seen = seen_of(pids);
    return (seen.contains("exit") ? seen.at("exit").size() : 0) + lost();
  };
  while (accounted() < pids.size() && std::chrono::steady_clock::now() < deadline) run_storm(1);
  EXPECT_GE(accounted(), pids.size()) << "every exit is told, or among the lost";
  ::close(gate[1]);
  for (const pid_t pid : staying) wait_for_child(pid);
  ::close(gate[0]);
}

}  // namespace
}  // namespace procmond
