// The real connector, as root: children are seen from fork to exit, with their arguments, codes and ids.
#include "linux/connector.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <boost/json/serialize.hpp>
#include <thread>

#include "busrt_testing/sanitizers.hpp"
#include "child_process.hpp"
#include "daemoneye/collector/testing/recording_sink.hpp"
#include "process_source.hpp"
#include "schema_check.hpp"
#include "source_runner.hpp"

namespace procmond {
namespace {

using daemoneye::collector::Observation;

class ConnectorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "the process connector takes root";
    ASSERT_TRUE(source.configure({{"method", "connector"}}));
    const auto started = start_source(source, sink);
    ASSERT_TRUE(started) << started.error().describe();
    // What begins while the snapshot is taken is part of it; this one's end is handled after it.
    const pid_t first = run_program({"/bin/true"});
    wait_for_child(first);
    ASSERT_TRUE(event("exit", first).contains("process"));
  }
  void TearDown() override {
    stop_source(source);
    expect_schema(sink);
  }

  /// The first event of this kind and process, or an empty object when it does not come.
  boost::json::object event(const std::string& kind, pid_t pid) {
    boost::json::object data;
    sink.wait_for([&](const Observation& seen) {
      if (seen.kind != kind || seen.data.at("process").at("pid") != pid) return false;
      data = seen.data;
      return true;
    });
    return data;
  }
  /// ThreadSanitizer ends a child that starts a thread.
  static constexpr bool can_thread_in_child = !busrt_testing::under_thread_sanitizer;
  static std::string text(const boost::json::value& value) { return boost::json::serialize(value); }

  ProcessSource source;
  daemoneye::collector::testing::RecordingSink sink;
};

TEST_F(ConnectorTest, AChildIsSeenFromForkToExit) {
  const pid_t pid = run_program({"/bin/true"});
  const auto fork = event("new", pid);
  const auto exec = event("exec", pid);
  ASSERT_TRUE(fork.contains("process") && exec.contains("process"));
  EXPECT_EQ(fork.at("process"), exec.at("process"));
  EXPECT_EQ(fork.at("ppid"), ::getpid());
  EXPECT_EQ(exec.at("parent").at("pid"), ::getpid());
  wait_for_child(pid);
  const auto exit = event("exit", pid);
  ASSERT_TRUE(exit.contains("process"));
  EXPECT_EQ(exit.at("process"), fork.at("process"));
  EXPECT_TRUE(exit.contains("duration_ms"));
}

TEST_F(ConnectorTest, AnExecShowsMaskedArgumentsAndTheExitItsCode) {
  int gate[2];
  ASSERT_EQ(::pipe(gate), 0);
  const pid_t pid = fork_child([&gate] {
    ::dup2(gate[0], 0);
    ::close(gate[1]);
    ::execl("/bin/sh", "sh", "-c", "read x; exit 3", "--password", "hunter2", nullptr);
    return 127;
  });
  const auto exec = event("exec", pid);
  ::close(gate[0]);
  ::close(gate[1]);
  const int status = wait_for_child(pid);
  EXPECT_EQ(WEXITSTATUS(status), 3);
  ASSERT_TRUE(exec.contains("args"));
  EXPECT_EQ(text(exec.at("args")), R"(["sh","-c","read x; exit 3","--password","***"])");
  EXPECT_EQ(exec.at("uid"), 0);
  EXPECT_TRUE(exec.at("cgroup").is_string());
  EXPECT_FALSE(exec.contains("incomplete")) << text(exec);
  const auto exit = event("exit", pid);
  ASSERT_TRUE(exit.contains("exit_code"));
  EXPECT_EQ(exit.at("exit_code"), 3);
  EXPECT_EQ(exit.at("exe"), exec.at("exe"));
  EXPECT_EQ(exit.at("args"), exec.at("args"));
}

TEST_F(ConnectorTest, ASignalIsSeenAsSuch) {
  const pid_t pid = fork_child([] {
    ::raise(SIGKILL);
    return 0;
  });
  wait_for_child(pid);
  const auto exit = event("exit", pid);
  ASSERT_TRUE(exit.contains("signal"));
  EXPECT_EQ(exit.at("signal"), SIGKILL);
  EXPECT_TRUE(exit.at("exit_code").is_null());
}

TEST_F(ConnectorTest, AChangeOfUidAndGidIsSeen) {
  const pid_t pid =
      fork_child([] { return ::setresgid(54321, 54321, 54321) + ::setresuid(12345, 12345, 12345); });
  EXPECT_EQ(wait_for_child(pid), 0);
  const auto exit = event("exit", pid);
  ASSERT_TRUE(exit.contains("uid"));
  EXPECT_EQ(exit.at("uid"), 12345);
  EXPECT_EQ(exit.at("gid"), 54321);
  std::vector<std::string> changes;
  for (const auto& seen : sink.observations()) {
    if (seen.kind != "change" || seen.data.at("process").at("pid") != pid) continue;
    changes.push_back(text(seen.data.at("changed")) + text(seen.data.at("old")) + text(seen.data.at("new")));
  }
  EXPECT_EQ(changes,
            (std::vector<std::string>{R"("gid"{"real":0,"effective":0}{"real":54321,"effective":54321})",
                                      R"("uid"{"real":0,"effective":0}{"real":12345,"effective":12345})"}));
}

TEST_F(ConnectorTest, ThreadsAreNoProcesses) {
  const std::size_t before = sink.observations().size();
  std::thread([] {}).join();
  const pid_t after = fork_child([] { return 0; });
  wait_for_child(after);
  event("exit", after);
  // One copy: other tests may start processes faster than this loop would copy them each time.
  const std::vector<Observation> observations = sink.observations();
  for (std::size_t i = before; i < observations.size(); ++i) {
    const Observation& seen = observations[i];
    const auto* ppid = seen.data.if_contains("ppid");
    if (seen.kind == "new" && ppid != nullptr && *ppid == ::getpid()) {
      EXPECT_EQ(seen.data.at("process").at("pid"), after);
    }
  }
  EXPECT_GE(source.health().at("connector").at("thread_exits").to_number<int>(), 1);
}

TEST_F(ConnectorTest, AnExecByAThreadThatIsNotTheFirstKeepsTheProcess) {
  if (!can_thread_in_child) GTEST_SKIP() << "no threads in a child under ThreadSanitizer";
  const pid_t pid = fork_child([] {
    std::thread other([] { ::execl("/bin/sh", "sh", "-c", "exit 4", nullptr); });
    other.join();
    return 127;
  });
  EXPECT_EQ(WEXITSTATUS(wait_for_child(pid)), 4);
  const auto exit = event("exit", pid);
  ASSERT_TRUE(exit.contains("exit_code"));
  EXPECT_EQ(exit.at("exit_code"), 4);
  std::vector<std::string> kinds;
  for (const auto& seen : sink.observations()) {
    if (seen.data.at("process").at("pid") == pid) kinds.push_back(seen.kind);
  }
  EXPECT_EQ(kinds, (std::vector<std::string>{"new", "exec", "exit"}));
}

TEST_F(ConnectorTest, AProcessLivesOnAfterItsFirstThread) {
  if (!can_thread_in_child) GTEST_SKIP() << "no threads in a child under ThreadSanitizer";
  const pid_t pid = fork_child([] {
    std::thread([] {
      ::prctl(PR_SET_NAME, "second");
      ::_exit(6);
    }).detach();
    // pthread_exit() would unwind the test itself.
    return static_cast<int>(::syscall(SYS_exit, 0));
  });
  EXPECT_EQ(WEXITSTATUS(wait_for_child(pid)), 6);
  const auto exit = event("exit", pid);
  ASSERT_TRUE(exit.contains("exit_code"));
  EXPECT_EQ(exit.at("exit_code"), 6);
}

TEST(ConnectorInContainer, ItsErrorNamesTheNetworkNamespace) {
  if (::geteuid() != 0) GTEST_SKIP() << "a namespace takes root";
  // A thread has a network namespace of its own.
  std::thread([] {
    if (::unshare(CLONE_NEWNET) != 0) return;
    const auto connector = linux_os::Connector::open(1U << 20);
    ASSERT_FALSE(connector);
    EXPECT_TRUE(connector.error().message.contains("initial network namespace"))
        << connector.error().describe();
  }).join();
}

TEST_F(ConnectorTest, WhatAUserCannotSendTheConnectorDoesNotTake) {
  const auto numbers = source.health().at("connector").as_object();
  EXPECT_EQ(numbers.at("malformed"), 0);
  EXPECT_EQ(numbers.at("not_from_kernel"), 0);
  EXPECT_GE(numbers.at("receive_buffer_bytes").to_number<std::uint64_t>(), limits::receive_buffer_bytes);
}

}  // namespace
}  // namespace procmond
