// Looks at everything: the picture afterwards is that of /proc, and no event is told twice.
#include <gtest/gtest.h>

#include "tracker_fixture.hpp"

namespace procmond {
namespace {

class TrackerScans : public TrackerFixture {
 protected:
  TrackerScans() { host.add(1, 0, "init", 0); }
};

TEST_F(TrackerScans, ASnapshotHasEveryProcessOnce) {
  host.add(50, 20, "sshd");
  host.now_ns = 100 * FakeHost::tick_ns;
  scan(ObservedBy::snapshot);
  EXPECT_EQ(story(), (Story{"snapshot 1", "snapshot 50"}));
  EXPECT_EQ(last().at("observed_by"), "snapshot");
  EXPECT_EQ(last().at("exe"), "/bin/sshd");
}

TEST_F(TrackerScans, BodiesAreNotInTheSnapshot) {
  Reading& body = host.add(50, 20);
  body.dying = body.exited = true;
  begin_at(100);
  EXPECT_EQ(tracker.table().size(), 1U);
}

TEST_F(TrackerScans, ARescanFindsWhatAppearedRanAndEnded) {
  Reading& runs = host.add(50, 20, "before");
  Reading& changes = host.add(51, 21);
  host.add(52, 22);
  begin_at(100);
  FakeHost::set_image(runs, "after");
  changes.uid = IdPair{7, 7};
  host.processes.erase(52);
  host.add(53, 150);
  host.now_ns = 200 * FakeHost::tick_ns;
  scan(ObservedBy::rescan);
  EXPECT_EQ(story(), (Story{"exec 50", "change 51", "new 53", "exit 52"}));
  for (const auto& seen : sink.observations()) EXPECT_EQ(seen.data.at("observed_by"), "rescan");
  EXPECT_TRUE(last().at("exit_code").is_null());
  EXPECT_EQ(sink.observations().at(0).data.at("previous_exe"), "/bin/before");
}

TEST_F(TrackerScans, AnUnchangedHostGivesNothing) {
  host.add(50, 20);
  begin_at(100);
  scan(ObservedBy::rescan);
  scan(ObservedBy::scan);
  EXPECT_TRUE(story().empty());
}

TEST_F(TrackerScans, EventsFromBeforeTheScanAreNotToldAgain) {
  begin_at(100);
  Reading& child = host.add(50, 150, "ls");
  host.now_ns = 200 * FakeHost::tick_ns;
  child.uid = IdPair{5, 5};
  ASSERT_TRUE(tracker.scan_present(ObservedBy::rescan));
  feed(fork_at(150, 1, 50));
  feed(exec_at(151, 50));
  feed(ids_at(152, KernelEvent::Kind::uid, 50, {5, 5}));
  tracker.scan_absent(ObservedBy::rescan);
  EXPECT_EQ(story(), Story{"new 50"});
  EXPECT_EQ(statistics.already_known.get(), 3U);
  feed(exec_at(300, 50));
  EXPECT_EQ(story(), (Story{"new 50", "exec 50"})) << "one from after it is";
}

TEST_F(TrackerScans, AnExitThatWasReportedKeepsItsCode) {
  host.add(50, 20);
  begin_at(100);
  host.processes.erase(50);
  host.now_ns = 200 * FakeHost::tick_ns;
  ASSERT_TRUE(tracker.scan_present(ObservedBy::rescan));
  feed(exit_at(150, 50, 2U << 8U));
  tracker.scan_absent(ObservedBy::rescan);
  EXPECT_EQ(story(), Story{"exit 50"});
  EXPECT_EQ(last().at("exit_code"), 2);
}

TEST_F(TrackerScans, ABodyTellsTheStatusOfALostExit) {
  Reading& child = host.add(50, 20);
  begin_at(100);
  child.dying = child.exited = true;
  child.wait_status = 11U | 0x80U;
  scan(ObservedBy::rescan);
  EXPECT_EQ(last().at("signal"), 11);
  EXPECT_EQ(last().at("core_dumped"), true);
  EXPECT_EQ(last().at("observed_by"), "rescan");
  scan(ObservedBy::rescan);
  EXPECT_EQ(story(), Story{"exit 50"}) << "the body stays until it is reaped";
}

TEST_F(TrackerScans, AProcessThatEndedIsNotTakenForNewWhileItsBodyLasts) {
  host.add(50, 20);
  begin_at(100);
  feed(exit_at(150, 50));
  scan(ObservedBy::rescan);
  EXPECT_EQ(story(), Story{"exit 50"});
  EXPECT_EQ(tracker.table().size(), 1U);
}

TEST_F(TrackerScans, AProcessForkedDuringTheScanStays) {
  begin_at(100);
  host.now_ns = 200 * FakeHost::tick_ns;
  ASSERT_TRUE(tracker.scan_present(ObservedBy::rescan));
  host.add(50, 201);
  feed(fork_at(201, 1, 50));
  tracker.scan_absent(ObservedBy::rescan);
  EXPECT_EQ(story(), Story{"new 50"});
}

TEST_F(TrackerScans, AProcessThatEndsDuringTheScanIsLookedAtAgain) {
  Reading& child = host.add(50, 20);
  begin_at(100);
  child.dying = true;
  scan(ObservedBy::rescan);
  EXPECT_TRUE(story().empty()) << "its exit is about to be reported";
  ASSERT_TRUE(tracker.has_lingering());
  host.processes.erase(50);
  tracker.check_lingering();
  EXPECT_EQ(story(), Story{"exit 50"});
}

TEST_F(TrackerScans, AReusedPidIsAnExitAndANewProcess) {
  host.add(50, 20, "old");
  begin_at(100);
  host.add(50, 150, "young");
  scan(ObservedBy::scan);
  EXPECT_EQ(story(), (Story{"exit 50", "new 50"}));
  EXPECT_EQ(last().at("exe"), "/bin/young");
  EXPECT_EQ(last().at("process").at("start_time"), 150);
}

TEST_F(TrackerScans, WithoutAMarkANewNameAndNewArgumentsMakeAnExec) {
  Reading& child = host.add(50, 20, "sh");
  child.image_mark = 0;
  begin_at(100);
  auto titled = std::make_shared<Image>(*child.image);
  titled->args = std::vector<std::string>{"sh: working"};
  child.image = titled;
  scan(ObservedBy::scan);
  EXPECT_TRUE(story().empty()) << "a new title is no exec";
  FakeHost::set_image(child, "ls");
  child.image_mark = 0;
  scan(ObservedBy::scan);
  EXPECT_EQ(story(), Story{"exec 50"});
}

TEST_F(TrackerScans, CountsWhatItMayNotRead) {
  auto hidden = std::make_shared<Image>();
  hidden->args = std::vector<std::string>{};
  host.processes[1].image = hidden;
  host.now_ns = 100 * FakeHost::tick_ns;
  scan(ObservedBy::snapshot);
  EXPECT_EQ(text(last().at("incomplete")), R"(["exe"])");
  EXPECT_EQ(statistics.unreadable_exe.get(), 1U);
  EXPECT_EQ(statistics.unreadable_init.get(), 1U);
}

TEST_F(TrackerScans, AHostThatCannotBeListedIsAnErrorAndEndsNobody) {
  begin_at(100);
  host.list_fails = true;
  EXPECT_FALSE(tracker.scan_present(ObservedBy::scan));
  EXPECT_EQ(tracker.table().size(), 1U);
}

}  // namespace
}  // namespace procmond
