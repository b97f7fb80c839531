// What `status` answers of what the services and the account say.
#include "status/status_report.hpp"

#include <gtest/gtest.h>

#include "noon.hpp"

namespace daemoneye_agent {
namespace {

using namespace std::chrono_literals;

CollectorView running(std::string name) {
  CollectorView view;
  view.name = std::move(name);
  view.state = CollectorState::running;
  view.pid = 7;
  view.health = {{"state", "running"}};
  return view;
}

class StatusReportTest : public ::testing::Test {
 protected:
  boost::json::object take() {
    report_.add_account(account_);
    return report_.take();
  }

  Account account_;
  StatusReport report_{"agent"};
};

TEST_F(StatusReportTest, ACollectorThatRunsAndMissesNothingIsWellAndComplete) {
  account_.arrived("procmond", 1, 1, noon);
  report_.add_collector(running("procmond"), account_);
  const auto report = take();
  EXPECT_TRUE(report.at("well").as_bool());
  EXPECT_TRUE(report.at("complete").as_bool());
  EXPECT_TRUE(report.at("whole_since").is_null());
  const auto& collector = report.at("collectors").at(0);
  EXPECT_TRUE(collector.at("complete").as_bool());
  EXPECT_EQ(collector.at("epoch").to_number<int>(), 1);
}

TEST_F(StatusReportTest, WhatIsMissingIsIncompleteAndNoReasonToBeDegraded) {
  account_.arrived("procmond", 1, 1, noon);
  account_.arrived("procmond", 1, 4, noon + 1s);
  report_.add_collector(running("procmond"), account_);
  const auto report = take();
  EXPECT_TRUE(report.at("well").as_bool());
  EXPECT_FALSE(report.at("complete").as_bool());
  const auto& part = report.at("incomplete").at(0);
  EXPECT_EQ(part.at("collector"), "procmond");
  EXPECT_EQ(report.at("whole_since"), part.at("to"));
}

TEST_F(StatusReportTest, AGapThatLastsHasNoEndAndNoTimeSinceWhichAllIsWhole) {
  account_.sight_lost("agent", noon, "the bus is gone");
  const auto report = take();
  EXPECT_EQ(report.at("degraded"),
            (boost::json::array{"agent: blind, and what was seen just before may be lost: the bus is gone"}));
  EXPECT_TRUE(report.at("incomplete").at(0).at("to").is_null());
  EXPECT_TRUE(report.at("whole_since").is_null());
  EXPECT_TRUE(report.at("collectors").as_array().empty()) << "the agent is no collector";
}

TEST_F(StatusReportTest, TheComplaintsOfItsHealthMakeACollectorDegraded) {
  auto view = running("procmond");
  view.health = {{"state", "degraded"}, {"sources", {{{"name", "procmond"}, {"degraded", "no connector"}}}}};
  view.silent_since = noon;
  report_.add_collector(view, account_);
  const auto report = take();
  EXPECT_EQ(report.at("degraded"),
            (boost::json::array{"procmond: does not answer since 1970-01-01T12:00:00.000000000Z",
                                "procmond: no connector"}));
}

TEST_F(StatusReportTest, AStateWithoutAReasonIsNamed) {
  auto view = running("procmond");
  view.health = {{"state", "stopped"}};
  report_.add_collector(view, account_);
  EXPECT_EQ(take().at("degraded"),
            (boost::json::array{"procmond: its health check says \"stopped\" without a reason"}));
}

TEST_F(StatusReportTest, OneThatDoesNotRunSaysWhyAndOthersThatPublishAreUnmanaged) {
  auto view = running("procmond");
  view.state = CollectorState::failed;
  view.reason = "it ended 4 times";
  report_.add_collector(view, account_);
  account_.arrived("other", 1, 1, noon);
  const auto report = take();
  EXPECT_EQ(report.at("degraded"), (boost::json::array{"procmond: is failed: it ended 4 times"}));
  EXPECT_EQ(report.at("collectors").at(1).at("name"), "other");
  EXPECT_EQ(report.at("collectors").at(1).at("state"), "unmanaged");
}

TEST_F(StatusReportTest, ASectionIsMadeOnceAndKeepsItsPlace) {
  report_.section("agent")["version"] = "1";
  report_.section("bus")["mode"] = "embedded";
  report_.section("agent")["state_dir"] = "/x";
  const auto report = take();
  EXPECT_EQ(report.begin()->key(), "agent");
  EXPECT_EQ(report.at("agent").at("state_dir"), "/x");
}

}  // namespace
}  // namespace daemoneye_agent
