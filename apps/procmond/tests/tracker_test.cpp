// Kernel events: inheritance, identity, threads, and what is said when a process was gone too early.
#include <gtest/gtest.h>

#include "tracker_fixture.hpp"

namespace procmond {
namespace {

class TrackerEvents : public TrackerFixture {
 protected:
  TrackerEvents() {
    host.add(1, 0, "init", 0);
    begin_at(100);
  }
};

TEST_F(TrackerEvents, AForkedChildInheritsItsParentsImage) {
  host.add(50, 200);
  feed(fork_at(200, 1, 50));
  EXPECT_EQ(story(), Story{"new 50"});
  const auto data = last();
  EXPECT_EQ(text(data.at("process")),
            R"({"pid":50,"start_time":200,"started_at":"1970-01-01T00:00:02.000000000Z","boot_id":"boot"})");
  EXPECT_EQ(text(data.at("parent")), R"({"pid":1,"start_time":0})");
  EXPECT_EQ(data.at("ppid"), 1);
  EXPECT_EQ(data.at("exe"), "/bin/init");
  EXPECT_EQ(text(data.at("args")), R"(["init"])");
  EXPECT_EQ(data.at("comm"), "init");
  EXPECT_EQ(data.at("uid"), 0);
  EXPECT_EQ(data.at("cgroup"), "/group");
  EXPECT_EQ(data.at("observed_by"), "connector");
  EXPECT_FALSE(data.contains("incomplete"));
}

TEST_F(TrackerEvents, AnExecReadsTheNewImage) {
  Reading& child = host.add(50, 200);
  feed(fork_at(200, 1, 50));
  FakeHost::set_image(child, "ls");
  feed(exec_at(201, 50));
  EXPECT_EQ(last().at("exe"), "/bin/ls");
  EXPECT_EQ(last().at("previous_exe"), "/bin/init");
  EXPECT_EQ(last().at("process").at("start_time"), 200);
}

TEST_F(TrackerEvents, AnExitCarriesWhatWasKnown) {
  Reading& child = host.add(50, 200);
  feed(fork_at(200, 1, 50));
  FakeHost::set_image(child, "ls");
  feed(exec_at(201, 50));
  host.processes.erase(50);
  feed(exit_at(230, 50, 3U << 8U));
  EXPECT_EQ(story(), (Story{"new 50", "exec 50", "exit 50"}));
  const auto data = last();
  EXPECT_EQ(data.at("exit_code"), 3);
  EXPECT_TRUE(data.at("signal").is_null());
  EXPECT_EQ(data.at("exe"), "/bin/ls");
  EXPECT_EQ(data.at("duration_ms"), 300);
  EXPECT_EQ(data.at("process").at("start_time"), 200);
  EXPECT_FALSE(data.contains("incomplete"));
  EXPECT_EQ(tracker.table().size(), 1U);
}

TEST_F(TrackerEvents, AProcessGoneBeforeItsForkWasReadGetsAnEstimatedStart) {
  feed(fork_at(200, 1, 50));
  EXPECT_EQ(
      text(last().at("process")),
      R"({"pid":50,"start_time":200,"started_at":"1970-01-01T00:00:02.000000000Z","start_time_estimated":true,"boot_id":"boot"})");
  feed(exit_at(201, 50));
  EXPECT_EQ(last().at("process").at("start_time"), 200);
}

TEST_F(TrackerEvents, AProcessGoneBeforeItsExecWasReadSaysWhatIsMissing) {
  feed(fork_at(200, 1, 50));
  feed(exec_at(201, 50));
  const auto data = last();
  EXPECT_TRUE(data.at("exe").is_null());
  EXPECT_TRUE(data.at("args").is_null());
  EXPECT_TRUE(data.at("comm").is_null()) << "the name of before the exec is not its name";
  EXPECT_EQ(text(data.at("incomplete")), R"(["comm","exe","args"])");
  feed(exit_at(202, 50));
  EXPECT_EQ(text(last().at("incomplete")), R"(["comm","exe","args"])");
  EXPECT_EQ(statistics.incomplete.get(), 2U);
}

TEST_F(TrackerEvents, AnImageOfALaterExecIsNotTakenForThisOne) {
  Reading& child = host.add(50, 200);
  feed(fork_at(200, 1, 50));
  FakeHost::set_image(child, "second");
  ahead.push(exec_at(202, 50));
  feed(exec_at(201, 50));
  EXPECT_TRUE(last().at("exe").is_null());
  EXPECT_EQ(text(last().at("incomplete")), R"(["comm","exe","args"])");
  feed(ahead.pop());
  EXPECT_EQ(last().at("exe"), "/bin/second");
  EXPECT_FALSE(last().contains("incomplete"));
}

TEST_F(TrackerEvents, WhatHasThePidByNowIsNotReadForAnOldEvent) {
  feed(fork_at(200, 1, 50));
  host.add(50, 900, "other");
  feed(exec_at(201, 50));
  EXPECT_TRUE(last().at("exe").is_null());
  EXPECT_EQ(last().at("process").at("start_time"), 200);
}

TEST_F(TrackerEvents, AReusedPidEndsTheProcessThatHadIt) {
  host.add(50, 200);
  feed(fork_at(200, 1, 50));
  host.add(50, 900);
  feed(fork_at(900, 1, 50));
  EXPECT_EQ(story(), (Story{"new 50", "exit 50", "new 50"}));
  const auto exit = sink.observations().at(1).data;
  EXPECT_EQ(exit.at("process").at("start_time"), 200);
  EXPECT_EQ(exit.at("observed_by"), "pid_reuse");
  EXPECT_TRUE(exit.at("exit_code").is_null());
  EXPECT_EQ(text(exit.at("incomplete")), R"(["exit_code"])");
  EXPECT_EQ(last().at("process").at("start_time"), 900);
}

TEST_F(TrackerEvents, AnExitFromBeforeAProcessBeganIsNotItsExit) {
  host.add(50, 900);
  begin_at(1000);
  feed(exit_at(800, 50));
  EXPECT_NE(tracker.table().find(50), nullptr);
  EXPECT_EQ(story(), Story{"exit 50"});
  EXPECT_TRUE(last().at("process").at("start_time").is_null());
}

TEST_F(TrackerEvents, TheExitOfAnUnknownProcessIsEmittedWithWhatItsBodyTells) {
  Reading& body = host.add(50, 200, "ghost");
  body.dying = body.exited = true;
  body.image = nullptr;
  feed(exit_at(300, 50, 9));
  EXPECT_EQ(story(), Story{"exit 50"});
  EXPECT_EQ(last().at("signal"), 9);
  EXPECT_EQ(last().at("comm"), "ghost");
  EXPECT_EQ(last().at("process").at("start_time"), 200);
}

TEST_F(TrackerEvents, ThreadsAreCountedAndNotEmitted) {
  feed(of_thread(fork_at(200, 1, 1), 60));
  feed(of_thread(exit_at(201, 1), 60));
  EXPECT_TRUE(story().empty());
  EXPECT_EQ(statistics.thread_forks.get(), 1U);
  EXPECT_EQ(statistics.thread_exits.get(), 1U);
}

TEST_F(TrackerEvents, AProcessEndsWithItsLastThread) {
  host.add(50, 200);
  feed(fork_at(200, 1, 50));
  feed(of_thread(fork_at(201, 1, 50), 51));
  feed(exit_at(202, 50, 0));
  EXPECT_EQ(story(), Story{"new 50"}) << "its first thread has ended, the other runs on";
  feed(of_thread(exit_at(203, 50, 5U << 8U), 51));
  EXPECT_EQ(story(), (Story{"new 50", "exit 50"}));
  EXPECT_EQ(last().at("exit_code"), 5);
}

TEST_F(TrackerEvents, ExitInAnotherThreadWhileTheFirstEndsGivesTheStatus) {
  host.add(50, 200);
  feed(fork_at(200, 1, 50));
  feed(of_thread(fork_at(201, 1, 50), 51));
  feed(of_thread(exit_at(202, 50, 6U << 8U), 51));
  feed(exit_at(202, 50, 0));
  EXPECT_EQ(last().at("exit_code"), 6);
}

TEST_F(TrackerEvents, AnExecByAnotherThreadIsNoExit) {
  Reading& child = host.add(50, 200);
  feed(fork_at(200, 1, 50));
  feed(of_thread(fork_at(201, 1, 50), 51));
  feed(exit_at(202, 50, 9));
  FakeHost::set_image(child, "after");
  feed(exec_at(203, 50));
  EXPECT_EQ(story(), (Story{"new 50", "exec 50"}));
  feed(exit_at(204, 50, 0));
  EXPECT_EQ(story(), (Story{"new 50", "exec 50", "exit 50"}));
  EXPECT_EQ(last().at("exit_code"), 0);
}

TEST_F(TrackerEvents, AThreadWhoseEndWasMissedDoesNotKeepAProcessForever) {
  host.add(50, 200);
  feed(fork_at(200, 1, 50));
  feed(of_thread(fork_at(201, 1, 50), 51));
  feed(exit_at(202, 50, 7U << 8U));
  ASSERT_TRUE(tracker.has_lingering());
  tracker.check_lingering();
  EXPECT_EQ(story(), Story{"new 50"}) << "it is still there";
  ASSERT_TRUE(tracker.has_lingering());
  host.processes.erase(50);
  tracker.check_lingering();
  EXPECT_EQ(story(), (Story{"new 50", "exit 50"}));
  EXPECT_EQ(last().at("exit_code"), 7);
  EXPECT_FALSE(tracker.has_lingering());
}

TEST_F(TrackerEvents, AChangeOfIdsSaysOldAndNew) {
  feed(ids_at(200, KernelEvent::Kind::uid, 1, {1000, 0}));
  EXPECT_EQ(story(), Story{"change 1"});
  EXPECT_EQ(last().at("changed"), "uid");
  EXPECT_EQ(text(last().at("old")), R"({"real":0,"effective":0})");
  EXPECT_EQ(text(last().at("new")), R"({"real":1000,"effective":0})");
  EXPECT_EQ(last().at("uid"), 1000);
  feed(ids_at(201, KernelEvent::Kind::gid, 1, {5, 5}));
  EXPECT_EQ(last().at("changed"), "gid");
  feed(ids_at(202, KernelEvent::Kind::gid, 1, {5, 5}));
  EXPECT_EQ(story().size(), 2U) << "only the saved id can have changed";
}

TEST_F(TrackerEvents, ANewNameIsInTheNextEvent) {
  KernelEvent event = event_at(200, KernelEvent::Kind::comm, 1);
  event.comm = {'a', '\xff'};
  feed(event);
  EXPECT_TRUE(story().empty());
  feed(ids_at(201, KernelEvent::Kind::uid, 1, {1, 1}));
  EXPECT_EQ(last().at("comm"), "a\\xff");
}

TEST_F(TrackerEvents, AKernelThreadMissesNothing) {
  Reading& thread = host.add(50, 200, "kworker/0:1", 2);
  thread.kernel_thread = true;
  thread.image = nullptr;
  feed(fork_at(200, 2, 50));
  EXPECT_EQ(last().at("comm"), "kworker/0:1");
  EXPECT_EQ(last().at("kernel_thread"), true);
  EXPECT_FALSE(last().contains("incomplete")) << text(last());
}

}  // namespace
}  // namespace procmond
