// The agent's status as text.
#include "agent_status.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <sstream>

#include "busrt/base/terminal_text.hpp"

namespace daemoneye_cli {
namespace {

boost::json::object status(std::string_view collector, bool complete, std::string_view degraded = "[]") {
  const std::string text =
      R"({"agent":{"version":"0.1.0","pid":7,"uptime_s":61,"state_dir":"/s"},
          "bus":{"mode":"embedded","address":"ipc:///b","broker":{"clients":3,"frames_in":1000,"frames_out":5,
                 "lost":{"queue_full":0,"slow_consumer":2}}},
          "collectors":[)" +
      std::string(collector) + R"(],"complete":)" + (complete ? "true" : "false") + R"(,"degraded":)" +
      std::string(degraded) + "}";
  return boost::json::parse(text).as_object();
}

constexpr std::string_view running =
    R"({"name":"procmond","state":"running","pid":8,"restarts":0,"uptime_s":60,"events_received":12345,"missing":0,
        "events_lost_reported":0,"complete":true,"health":{"sources":[{"name":"procmond","domain":"process",
        "method":"connector","why":"root","cannot_see":["the dark"]}]}})";

TEST(AgentStatus, AHealthyAgentSaysSo) {
  const auto healthy = status(running, true);
  EXPECT_TRUE(is_complete(healthy));
  const std::string text = format_status(healthy, {});
  EXPECT_NE(text.find("daemoneye-agent 0.1.0, pid 7, up 1 min"), std::string::npos) << text;
  EXPECT_NE(text.find("embedded on ipc:///b; 3 clients, 1,000 frames in, 5 out, 2 lost (slow_consumer 2)"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("12,345"), std::string::npos);
  EXPECT_NE(text.find("procmond watches process events by connector (root)\n  cannot see: the dark"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("\ncomplete: "), std::string::npos);
}

TEST(AgentStatus, ADegradedOneListsEveryReason) {
  const auto failed =
      status(R"({"name":"procmond","state":"failed","pid":null,"restarts":10,"reason":"given up",
      "complete":false})",
             false, R"(["procmond: is failed: given up","another"])");
  EXPECT_FALSE(is_complete(failed));
  const std::string text = format_status(failed, {});
  EXPECT_NE(text.find("procmond is failed: given up"), std::string::npos) << text;
  EXPECT_NE(text.find("degraded:\n  procmond: is failed: given up\n  another\n"), std::string::npos) << text;
}

TEST(AgentStatus, OneThatIsWholeAgainSaysSinceWhenAndWhatIsMissing) {
  auto again = status(running, false);
  again["well"] = true;
  again["whole_since"] = "2026-01-02T03:04:08Z";
  again["incomplete"] = boost::json::parse(R"([
      {"collector":"procmond","from":"2026-01-02T03:04:05Z","to":"2026-01-02T03:04:08Z","reason":"blind: killed"},
      {"collector":null,"from":"2026-01-02T03:04:06Z","to":"2026-01-02T03:04:06Z","reason":"1 frame refused"}])");
  again["collectors"].as_array()[0].as_object()["complete"] = false;
  again["collectors"].as_array()[0].as_object()["well"] = true;
  EXPECT_TRUE(is_well(again));
  EXPECT_FALSE(is_complete(again));
  const std::string text = format_status(again, {});
  EXPECT_NE(text.find("whole again since 2026-01-02T03:04:08Z\nnot complete:\n"
                      "  procmond, from 2026-01-02T03:04:05Z until 2026-01-02T03:04:08Z: blind: killed\n"
                      "  from 2026-01-02T03:04:06Z until 2026-01-02T03:04:06Z: 1 frame refused\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("degraded"), std::string::npos) << text;
  EXPECT_NE(text.find("again\n"), std::string::npos) << text;
}

TEST(AgentStatus, UncountedLossesAreMarked) {
  const auto lossy =
      status(R"({"name":"procmond","state":"running","events_lost_reported":5,"events_lost_uncounted":true})",
             false);
  EXPECT_NE(format_status(lossy, {}).find("5+?"), std::string::npos);
}

TEST(AgentStatus, ANarrowTerminalShowsTheMostUsefulColumnsAndNamesTheOthers) {
  auto wide = status(running, true);
  wide["collectors"].as_array()[0].as_object()["name"] = "監視収集";
  const std::string text = format_status(wide, {false, 40});
  EXPECT_NE(text.find("\nCOLLECTOR  STATE    LOST  COMPLETE\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\n監視収集   running     0  yes\n"), std::string::npos) << text;
  EXPECT_NE(text.find("too narrow for: PID, UP, RESTARTS,\n"), std::string::npos) << text;
  for (std::size_t columns = 20; columns < 120; ++columns) {
    std::istringstream lines(format_status(wide, {false, columns}));
    for (std::string line; std::getline(lines, line);) {
      // A word longer than the screen stays whole.
      if (line.find(' ', line.find_first_not_of(' ')) == std::string::npos) continue;
      EXPECT_LE(busrt::base::columns_of(line), columns) << line;
    }
  }
}

TEST(AgentStatus, FieldsOfAnotherVersionOrNoneDoNoHarm) {
  EXPECT_FALSE(is_complete({}));
  EXPECT_FALSE(is_well({}));
  EXPECT_FALSE(format_status({}, {}).empty());
  EXPECT_TRUE(describe_sight({}, {}).empty());
  const auto odd =
      boost::json::parse(R"({"agent":5,"bus":[],"collectors":[1,{"name":2,"health":3}],"degraded":{}})");
  EXPECT_FALSE(format_status(odd.as_object(), {}).empty());
}

TEST(AgentStatus, ACollectorOnItsWayUpIsWorthWaitingFor) {
  EXPECT_TRUE(is_settling(status(R"({"name":"procmond","state":"starting"})", false)));
  EXPECT_FALSE(is_settling(status(running, true)));
}

TEST(AgentStatus, ControlCharactersOfAnybodyAreShownNotObeyed) {
  const auto hostile = status(R"({"name":"\u001b[2J","state":"running"})", false, R"(["\u001b]0;x\u0007"])");
  EXPECT_EQ(format_status(hostile, {}).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace daemoneye_cli
