// The agent as its users meet it: a process with a bus, a collector, and a stop that leaves nothing.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

#include "agent_process.hpp"
#include "busrt/blocking_client.hpp"
#include "busrt/broker.hpp"
#include "busrt/msgpack.hpp"
#include "daemoneye/events/event.hpp"
#include "daemoneye/events/time_text.hpp"

namespace system_tests {
namespace {

using namespace std::chrono_literals;

busrt::BlockingClient connected_client(const std::string& name, const std::string& address) {
  busrt::BlockingClient client({.name = name, .address = address});
  const auto up = client.connect();
  EXPECT_TRUE(up) << up.error().describe();
  return client;
}

/// The next publication for which `wanted` holds; its payload as JSON.
std::optional<boost::json::object> next_publication(
    busrt::BlockingClient& client, const std::function<bool(const boost::json::object&)>& wanted) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < deadline) {
    const auto frame = client.receive(100ms);
    if (!frame || frame->topic().starts_with(".broker/")) continue;
    auto value = boost::json::parse(frame->text());
    if (wanted(value.as_object())) return value.as_object();
  }
  return std::nullopt;
}

pid_t pid_of(const boost::json::object& collector) {
  const auto* pid = collector.if_contains("pid");
  return pid != nullptr && pid->is_number() ? pid->to_number<pid_t>() : -1;
}

TEST(Agent, AProcessThatComesAndGoesIsSeenOnTheBus) {
  AgentUnderTest agent;
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  auto client = connected_client("watcher", agent.address());
  ASSERT_TRUE(client.subscribe({"events.process.*"}));

  Program sleeper(agent.directory(), "sleeper", {"/bin/sleep", "31536000"});
  const auto concerns = [&sleeper](const boost::json::object& event) {
    const auto* process = event.at("data").as_object().if_contains("process");
    return process != nullptr && process->as_object().at("pid").to_number<pid_t>() == sleeper.pid();
  };
  const auto seen = next_publication(client, [&concerns](const boost::json::object& event) {
    return concerns(event) && boost::json::serialize(event.at("data")).find("31536000") != std::string::npos;
  });
  ASSERT_TRUE(seen) << agent.program().err();
  EXPECT_EQ(seen->at("collector").as_string(), "procmond");
  EXPECT_EQ(seen->at("domain").as_string(), "process");

  sleeper.signal(SIGKILL);
  ASSERT_TRUE(sleeper.wait());
  EXPECT_TRUE(next_publication(client, [&concerns](const boost::json::object& event) {
    return concerns(event) && event.at("kind").as_string() == "exit";
  }));
}

TEST(Agent, TellsTheServiceManagerOfStartAndEndAndNoChildSpeaksForIt) {
  const TemporaryDirectory place;
  const std::string name = (place.path() / "notify").string();
  const int manager = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(name.size(), sizeof(address.sun_path));
  name.copy(address.sun_path, name.size());
  ASSERT_EQ(::bind(manager, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const auto next = [manager] {
    std::array<char, 256> bytes{};
    ssize_t count = -1;
    static_cast<void>(
        wait_until([&] { return (count = ::recv(manager, bytes.data(), bytes.size(), MSG_DONTWAIT)) >= 0; }));
    return count < 0 ? "nothing" : std::string(bytes.data(), static_cast<std::size_t>(count));
  };
  ASSERT_EQ(::setenv("NOTIFY_SOCKET", name.c_str(), 1), 0);
  AgentUnderTest agent;
  ::unsetenv("NOTIFY_SOCKET");
  EXPECT_EQ(next(), "READY=1");
  EXPECT_TRUE(agent.status()) << "it is ready when its bus answers";
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  std::ifstream file("/proc/" + std::to_string(pid_of(agent.collector())) + "/environ");
  const std::string environment{std::istreambuf_iterator<char>(file), {}};
  EXPECT_FALSE(environment.empty());
  EXPECT_EQ(environment.find("NOTIFY_SOCKET"), std::string::npos);
  agent.program().signal(SIGTERM);
  EXPECT_EQ(next(), "STOPPING=1");
  ::close(manager);
}

TEST(Agent, ALogThatNobodyReadsHoldsNeitherTheAgentNorItsEnd) {
  const TemporaryDirectory place;
  const std::string log = (place.path() / "log").string();
  ASSERT_EQ(::mkfifo(log.c_str(), 0600), 0);
  // Open in both directions, so that neither this test nor the agent waits to open it; full, so that a write
  // waits.
  const int end = ::open(log.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  const std::string filler(4096, 'x');
  while (::write(end, filler.data(), filler.size()) > 0) {
  }
  const std::string address = "ipc://" + (place.path() / "bus.sock").string();
  Program agent(place.path(), "agent",
                {"/bin/sh", "-c", "exec \"$@\" 2>\"$0\"", log, agent_program(), "--bus", address,
                 "--state-dir", (place.path() / "state").string(), "--log-level", "trace"});
  const auto status = [&address]() -> std::optional<boost::json::object> {
    busrt::BlockingRpcClient client({.name = "asker", .address = address});
    if (!client.connect()) return std::nullopt;
    const auto reply = client.call("daemoneye-agent", "status");
    if (!reply) return std::nullopt;
    return boost::json::parse(busrt::as_text(reply->payload)).as_object();
  };
  const auto collector_pid = [&status] {
    const auto now = status();
    // It answers before its collectors are up.
    if (!now || now->at("collectors").as_array().empty()) return -1;
    return pid_of(now->at("collectors").as_array().front().as_object());
  };
  ASSERT_TRUE(wait_until([&] { return collector_pid() > 0; }));
  // A restart has lines, none of which can be written.
  const pid_t first = collector_pid();
  ASSERT_EQ(::kill(first, SIGKILL), 0);
  EXPECT_TRUE(wait_until([&] { return collector_pid() > 0 && collector_pid() != first; }));
  agent.signal(SIGTERM);
  EXPECT_EQ(agent.wait(), 0);
  ::close(end);
}

TEST(Agent, StatusAccountsForEveryNumber) {
  AgentUnderTest agent;
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  ASSERT_TRUE(wait_until([&agent] { return agent.collector().at("events_received").to_number<int>() > 0; }));
  const auto status = agent.status();
  ASSERT_TRUE(status);
  EXPECT_EQ(status->at("agent").as_object().at("pid").to_number<pid_t>(), agent.agent_pid());
  EXPECT_NE(agent.agent_pid(), agent.program().pid()) << "the keeper is a process of its own";
  EXPECT_EQ(status->at("bus").as_object().at("mode").as_string(), "embedded");
  const auto& procmond = status->at("collectors").as_array().front().as_object();
  EXPECT_EQ(procmond.at("name").as_string(), "procmond");
  EXPECT_TRUE(alive(pid_of(procmond)));
  EXPECT_EQ(procmond.at("seq").to_number<std::uint64_t>(),
            procmond.at("events_received").to_number<std::uint64_t>());
  EXPECT_EQ(procmond.at("missing").to_number<int>(), 0);
  EXPECT_TRUE(status->at("complete").as_bool()) << boost::json::serialize(status->at("degraded"));
}

TEST(Agent, AKilledCollectorComesBackAndTheGapIsInTheBooks) {
  AgentUnderTest agent;
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  auto client = connected_client("watcher", agent.address());
  ASSERT_TRUE(client.subscribe({"control.collector.*"}));
  const pid_t first = pid_of(agent.collector());
  ASSERT_EQ(::kill(first, SIGKILL), 0);

  const auto exited =
      next_publication(client, [](const auto& news) { return news.at("reason").as_string().size() > 0; });
  ASSERT_TRUE(exited);
  EXPECT_EQ(exited->at("pid").to_number<pid_t>(), first);
  EXPECT_EQ(exited->at("reason").as_string(), "ended with signal 9 (Killed)");
  ASSERT_TRUE(wait_until([&agent, first] {
    const auto now = agent.collector();
    return pid_of(now) != first && now.at("state").as_string() == "running";
  })) << agent.program().err();
  const auto now = agent.collector();
  EXPECT_EQ(now.at("restarts").to_number<int>(), 1);
  EXPECT_EQ(now.at("last_exit").as_string(), "signal 9 (Killed)");
  EXPECT_FALSE(now.at("complete").as_bool()) << "nobody looked for a moment, so the picture is not complete";
  EXPECT_TRUE(now.at("well").as_bool());
  const auto status = *agent.status();
  EXPECT_TRUE(status.at("well").as_bool()) << boost::json::serialize(status.at("degraded"));
  EXPECT_FALSE(status.at("complete").as_bool());
  EXPECT_EQ(now.at("runs_cut").to_number<int>(), 1);
  const auto& cut = status.at("incomplete").as_array().at(0).as_object();
  EXPECT_NE(cut.at("reason").as_string().find("an unknown number of events may be missing: epoch "),
            boost::json::string::npos)
      << boost::json::serialize(cut);
  const auto& part = status.at("incomplete").as_array().back().as_object();
  EXPECT_EQ(part.at("collector").as_string(), "procmond");
  EXPECT_NE(part.at("reason").as_string().find("signal 9 (Killed)"), boost::json::string::npos);
  EXPECT_LT(part.at("from").as_string(), part.at("to").as_string());
  EXPECT_EQ(status.at("whole_since"), status.at("incomplete").as_array().back().as_object().at("to"));
}

TEST(Agent, ACollectorThatEndsInOrderTakesNothingWithIt) {
  AgentUnderTest agent;
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  const pid_t first = pid_of(agent.collector());
  ASSERT_EQ(::kill(first, SIGTERM), 0);
  ASSERT_TRUE(wait_until([&agent, first] {
    const auto now = agent.collector();
    return pid_of(now) != first && now.at("state").as_string() == "running";
  })) << agent.program().err();
  const auto now = agent.collector();
  EXPECT_EQ(now.at("runs_cut").to_number<int>(), 0) << "it announced its last number";
  EXPECT_EQ(now.at("missing").to_number<int>(), 0);
  EXPECT_EQ(agent.program().err().find("lost the bus"), std::string::npos) << agent.program().err();
  agent.program().signal(SIGTERM);
  EXPECT_EQ(agent.program().wait(), 0);
  const std::string log = agent.program().err();
  EXPECT_EQ(log.find("unknown number"), std::string::npos) << log;
  EXPECT_EQ(log.find("lost the bus"), std::string::npos) << log;
}

TEST(Agent, AHungCollectorIsBlindSinceItsLastAnswer) {
  AgentUnderTest agent(
      "[bus]\nstall_limit_ms = 1000\n"
      "[collectors.procmond.health]\ninterval_ms = 50\ntimeout_ms = 100\nmax_missed = 20\n");
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  const pid_t first = pid_of(agent.collector());
  ASSERT_EQ(::kill(first, SIGSTOP), 0);
  const auto hung = std::chrono::system_clock::now();
  ASSERT_TRUE(wait_until([&agent] { return agent.collector().contains("silent_since"); }));
  EXPECT_FALSE(agent.status()->at("well").as_bool()) << "it says so before it is killed";
  ASSERT_TRUE(wait_until([&agent, first] {
    const auto now = agent.collector();
    return pid_of(now) != first && now.at("state").as_string() == "running";
  })) << agent.program().err();
  const auto status = *agent.status();
  const auto& part = status.at("incomplete").as_array().back().as_object();
  const auto from = daemoneye::events::parse_time(std::string_view(part.at("from").as_string()));
  ASSERT_TRUE(from);
  EXPECT_LE(*from, hung + 10ms) << "clocks read one after the other; killing it took 20 missed checks";
}

TEST(Agent, SettingsOfACollectorAreNotOnItsCommandLine) {
  AgentUnderTest agent("[collectors.procmond]\nsettings = { method = \"scan\", scan_interval_ms = 4321 }\n");
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  const auto collector = agent.collector();
  std::ostringstream line;
  line << std::ifstream("/proc/" + std::to_string(pid_of(collector)) + "/cmdline").rdbuf();
  EXPECT_NE(line.str().find("procmond"), std::string::npos);
  EXPECT_EQ(line.str().find("4321"), std::string::npos) << line.str();
  EXPECT_NE(boost::json::serialize(collector.at("health")).find("\"method\":\"scan\""), std::string::npos)
      << "and they reach it: " << boost::json::serialize(collector.at("health"));
}

TEST(Agent, ACollectorThatAlwaysEndsIsGivenUpAloud) {
  AgentUnderTest agent(R"([collectors.procmond]
path = "/bin/false"
restart = { initial_backoff_ms = 300, max_backoff_ms = 300, max_restarts = 2 }
)");
  ASSERT_TRUE(wait_until([&agent] { return agent.status().has_value(); })) << agent.program().err();
  auto client = connected_client("watcher", agent.address());
  ASSERT_TRUE(client.subscribe({"alerts.critical"}));
  ASSERT_TRUE(agent.wait_for_state("failed")) << agent.program().err();
  const auto now = agent.collector();
  EXPECT_EQ(now.at("restarts").to_number<int>(), 2);
  EXPECT_EQ(now.at("reason").as_string(),
            "given up: more than 2 restarts within 600 s; last: ended with exit code 1");
  EXPECT_FALSE(agent.status()->at("complete").as_bool());
  const auto alert = next_publication(client, [](const auto&) { return true; });
  ASSERT_TRUE(alert);
  EXPECT_EQ(alert->at("collector").as_string(), "procmond");
  EXPECT_NE(agent.program().err().find("procmond FAILED, no further restart: given up"), std::string::npos);
  agent.program().signal(SIGTERM);
  EXPECT_EQ(agent.program().wait(), 0);
}

TEST(Agent, SettingsThatACollectorRefusesAreNamedWithTheirPlaceAndStartNothing) {
  for (const bool check : {true, false}) {
    AgentUnderTest agent("[collectors.procmond.settings]\nmethod = \"guess\"\nscan_intervall_ms = 4\n",
                         check ? std::vector<std::string>{"--check-config"} : std::vector<std::string>());
    EXPECT_EQ(agent.program().wait(), 2);
    const std::string file = (agent.directory() / "agent.toml").string();
    const std::string errors = agent.program().err();
    EXPECT_NE(errors.find(file + ":2:10: collectors.procmond.settings.method: expected \"auto\""),
              std::string::npos)
        << errors;
    EXPECT_NE(errors.find(file + ":3:21: collectors.procmond.settings.scan_intervall_ms: no such setting"),
              std::string::npos)
        << errors;
    EXPECT_FALSE(std::filesystem::exists(agent.state_dir()));
  }
}

TEST(Agent, ACollectorThatRefusesItsCommandLineIsGivenUpAtOnceWithItsOwnWords) {
  AgentUnderTest agent("[collectors.procmond]\nargs = [\"--colour\"]\n");
  ASSERT_TRUE(agent.wait_for_state("failed")) << agent.program().err();
  const auto now = agent.collector();
  EXPECT_EQ(now.at("restarts").to_number<int>(), 0);
  EXPECT_NE(now.at("last_error").as_string().find("--colour"), boost::json::string::npos)
      << boost::json::serialize(now);
  const auto status = boost::json::serialize(agent.status()->at("degraded"));
  EXPECT_NE(status.find("refuses its command line or settings"), std::string::npos) << status;
  EXPECT_NE(status.find("--colour"), std::string::npos) << status;
}

TEST(Agent, ACollectorThatWatchesNothingSaysWhy) {
  AgentUnderTest agent("[collectors.procmond.health]\ninterval_ms = 50\n");
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  busrt::BlockingRpcClient caller({.name = "caller", .address = agent.address()});
  ASSERT_TRUE(caller.connect());
  ASSERT_TRUE(caller.call("procmond", "stop_collection"));
  ASSERT_TRUE(wait_until([&agent] { return !agent.status()->at("well").as_bool(); }));
  EXPECT_EQ(boost::json::serialize(agent.status()->at("degraded")),
            R"(["procmond: watches nothing since stop_collection; start_collection begins again"])");
}

TEST(Agent, AnOrderlyStopLeavesNothingBehind) {
  for (const int number : {SIGTERM, SIGINT}) {
    AgentUnderTest agent;
    ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
    const pid_t collector = pid_of(agent.collector());
    ASSERT_TRUE(alive(collector));
    ASSERT_TRUE(std::filesystem::exists(agent.socket()));
    agent.program().signal(number);
    EXPECT_EQ(agent.program().wait(), 0) << agent.program().err();
    EXPECT_FALSE(alive(collector));
    EXPECT_FALSE(std::filesystem::exists(agent.socket()));
    EXPECT_TRUE(std::filesystem::is_empty(agent.state_dir()));
    EXPECT_NE(agent.program().err().find("stopped: exit code 0"), std::string::npos)
        << "the collector was asked, not killed: " << agent.program().err();
  }
}

TEST(Agent, StopsWhenItIsAskedToOverTheBus) {
  AgentUnderTest agent;
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  busrt::BlockingRpcClient client({.name = "operator", .address = agent.address()});
  ASSERT_TRUE(client.connect());
  const auto reply = client.call("daemoneye-agent", "shutdown");
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(agent.program().wait(), 0);
  EXPECT_NE(agent.program().err().find("operator asked for it"), std::string::npos);
}

TEST(Agent, AKilledKeeperTakesAgentAndCollectorsAlongAndTheNextOneStartsInTheSamePlace) {
  AgentUnderTest agent;
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  const pid_t collector = pid_of(agent.collector());
  const pid_t proper = agent.agent_pid();
  ASSERT_TRUE(alive(proper));
  agent.program().signal(SIGKILL);
  ASSERT_EQ(agent.program().wait(), -SIGKILL);
  EXPECT_TRUE(wait_until([collector] { return !alive(collector); }));
  EXPECT_TRUE(wait_until([proper] { return !alive(proper); }));
  agent.start();
  EXPECT_TRUE(agent.wait_for_state("running")) << agent.program().err();
}

TEST(Agent, ASecondOneOnTheSameStateDirectoryIsRefused) {
  AgentUnderTest agent;
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  Program second(agent.directory(), "second",
                 {agent_program(), "--bus", "ipc://" + (agent.directory() / "other.sock").string(),
                  "--state-dir", agent.state_dir().string()});
  EXPECT_EQ(second.wait(), 1);
  EXPECT_NE(second.err().find("another agent (pid " + std::to_string(agent.agent_pid()) + ") uses"),
            std::string::npos)
      << second.err();
  EXPECT_EQ(agent.collector().at("state").as_string(), "running");
}

TEST(Agent, ASecondOneOnTheSameBusIsRefusedAndTheFirstGoesOn) {
  AgentUnderTest agent;
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  Program second(
      agent.directory(), "second",
      {agent_program(), "--bus", agent.address(), "--state-dir", (agent.directory() / "other").string()});
  EXPECT_EQ(second.wait(), 1);
  EXPECT_NE(second.err().find("cannot listen on " + agent.address()), std::string::npos) << second.err();
  EXPECT_TRUE(std::filesystem::is_empty(agent.directory() / "other")) << "its lock is gone again";
  EXPECT_EQ(agent.collector().at("state").as_string(), "running");
}

TEST(Agent, TheSocketIsForItsUserAlone) {
  AgentUnderTest agent;
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  struct stat socket{}, directory{}, state{};
  ASSERT_EQ(::stat(agent.socket().c_str(), &socket), 0);
  ASSERT_EQ(::stat(agent.socket().parent_path().c_str(), &directory), 0);
  ASSERT_EQ(::stat(agent.state_dir().c_str(), &state), 0);
  EXPECT_EQ(socket.st_mode & 07777U, 0600U);
  EXPECT_EQ(directory.st_mode & 07777U, 0700U);
  EXPECT_EQ(state.st_mode & 07777U, 0700U);
}

TEST(Agent, ABadConfigurationNamesItsPlaceAndStartsNothing) {
  AgentUnderTest agent("[bus]\nqueue_frames = \"many\"\nmod = \"embedded\"\n");
  EXPECT_EQ(agent.program().wait(), 2);
  const std::string file = (agent.directory() / "agent.toml").string();
  const std::string errors = agent.program().err();
  EXPECT_NE(errors.find(file + ":2:16: bus.queue_frames: found \"many\""), std::string::npos) << errors;
  EXPECT_NE(errors.find(file + ":3:1: bus.mod: unknown key; did you mean bus.mode?"), std::string::npos)
      << errors;
  EXPECT_FALSE(std::filesystem::exists(agent.state_dir()));
}

TEST(Agent, AnUnknownFlagIsRefused) {
  const TemporaryDirectory directory;
  Program agent(directory.path(), "agent", {agent_program(), "--buss", "x"});
  EXPECT_EQ(agent.wait(), 2);
  EXPECT_NE(agent.err().find("--buss"), std::string::npos);
}

TEST(Agent, CheckConfigPrintsWhereEachValueComesFrom) {
  AgentUnderTest agent("[bus]\nqueue_frames = 1000\n", {"--check-config"});
  EXPECT_EQ(agent.program().wait(), 0);
  const std::string text = agent.program().out();
  EXPECT_NE(text.find("agent.toml:2:16"), std::string::npos) << text;
  EXPECT_NE(text.find("# --bus"), std::string::npos) << text;
  EXPECT_FALSE(std::filesystem::exists(agent.state_dir()));
}

TEST(Agent, CheckConfigNamesEveryMistakeThatAStartWouldEndWith) {
  AgentUnderTest agent(
      "[bus]\naccess = \"/nosuch\"\n[collectors.procmond]\nenabled = false\nsettings = { method = \"guess\" "
      "}\n"
      "[collectors.nosuch]\n",
      {"--check-config"});
  EXPECT_EQ(agent.program().wait(), 2);
  const std::string errors = agent.program().err();
  for (const char* mistake : {"agent.toml:2:10: bus.access: /nosuch: cannot read the access rules",
                              "agent.toml:5:23: collectors.procmond.settings.method: ",
                              "agent.toml:6:13: collectors.nosuch: no program"}) {
    EXPECT_NE(errors.find(mistake), std::string::npos) << mistake << "\n" << errors;
  }
  EXPECT_FALSE(std::filesystem::exists(agent.state_dir()));
}

TEST(Agent, BadParamsAreAnsweredWithTheFieldsName) {
  AgentUnderTest agent;
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  busrt::BlockingRpcClient client({.name = "caller", .address = agent.address()});
  ASSERT_TRUE(client.connect());
  for (const std::string method : {"status", "health_check", "shutdown"}) {
    const auto reply = client.call("daemoneye-agent", method, busrt::as_bytes(R"({"verbose":true})"));
    ASSERT_FALSE(reply) << method;
    EXPECT_EQ(reply.error().rpc_code, busrt::rpc_code::invalid_params);
    EXPECT_NE(reply.error().message.find("verbose"), std::string::npos);
  }
  const auto params = busrt::msgpack::encode(boost::json::object{});
  const auto reply = client.call("daemoneye-agent", "health_check", params);
  ASSERT_TRUE(reply) << reply.error().message;
  const auto health = busrt::msgpack::decode(reply->payload);
  ASSERT_TRUE(health) << "who asks in MessagePack is answered in MessagePack";
  EXPECT_EQ(health->as_object().at("agent").as_string(), "daemoneye-agent");
}

TEST(Agent, AStrangerWhoPublishesEventsIsRefusedAndNamed) {
  AgentUnderTest agent;
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  auto stranger = connected_client("stranger", agent.address());
  ASSERT_TRUE(stranger.publish("events.process.exec", busrt::as_bytes("no event")));
  ASSERT_TRUE(wait_until([&agent] { return !agent.status()->at("complete").as_bool(); }));
  EXPECT_NE(boost::json::serialize(agent.status()->at("incomplete")).find("stranger"), std::string::npos);
  EXPECT_TRUE(agent.status()->at("well").as_bool());
}

TEST(Agent, ACollectorsNameIsItsProcessAlone) {
  AgentUnderTest agent("[collectors.procmond.restart]\nmax_restarts = 0\n");
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  busrt::BlockingClient impostor({.name = "procmond", .address = agent.address()});
  const auto beside = impostor.connect();
  ASSERT_FALSE(beside);
  EXPECT_EQ(beside.error().code, busrt::errc::access) << beside.error().describe();
  busrt::BlockingClient second({.name = "procmond%%second", .address = agent.address()});
  EXPECT_FALSE(second.connect());

  ASSERT_EQ(::kill(pid_of(agent.collector()), SIGKILL), 0);
  ASSERT_TRUE(agent.wait_for_state("failed")) << agent.program().err();
  const auto after = impostor.connect();
  ASSERT_FALSE(after) << "nobody takes a dead collector's place";
  EXPECT_EQ(after.error().code, busrt::errc::access) << after.error().describe();
}

TEST(Agent, AccessRulesAreInForceAndReadAgainOnSighup) {
  TemporaryDirectory files;
  const auto rules = files.path() / "access.toml";
  const std::string everything = "subscribe = [\"#\"]\npublish = [\"#\"]\nmessage = [\"*\"]\n";
  const std::string collector = "[[client]]\nname = \"procmond\"\nhosts = [\"local\"]\n" + everything;
  std::ofstream(rules) << collector << "[[client]]\nname = \"test\"\nhosts = [\"local\"]\n" << everything;
  AgentUnderTest agent("[bus]\naccess = \"" + rules.string() + "\"\n");
  ASSERT_TRUE(wait_until([&agent] { return agent.program().err().find(") running") != std::string::npos; }))
      << agent.program().err();
  EXPECT_FALSE(busrt::BlockingClient({.name = "stranger", .address = agent.address()}).connect());
  auto client = connected_client("test", agent.address());

  std::ofstream(rules) << "[[client]]\nnme = 1\n";
  agent.program().signal(SIGHUP);
  ASSERT_TRUE(wait_until([&agent] {
    return agent.program().err().find("the earlier access rules stay in force") != std::string::npos;
  }));
  EXPECT_NE(agent.program().err().find(rules.string() + ":2:1"), std::string::npos) << agent.program().err();
  EXPECT_TRUE(client.connected());

  std::ofstream(rules) << collector;
  agent.program().signal(SIGHUP);
  EXPECT_TRUE(wait_until([&client] { return !client.connected(); }));
}

TEST(Agent, ListensOnMoreThanItsSocketWhereItIsTold) {
  AgentUnderTest agent("[bus]\nlisten = [\"ipc:///nowhere/at/all/bus.sock\", \"203.0.113.1:7777\"]\n");
  EXPECT_EQ(agent.program().wait(), 2);
  EXPECT_NE(agent.program().err().find("has no TLS"), std::string::npos) << agent.program().err();
}

TEST(Agent, ServesABrokerThatSomebodyElseRunsAndFindsBackToIt) {
  TemporaryDirectory directory;
  const std::string address = "ipc://" + (directory.path() / "broker.sock").string();
  std::optional<busrt::Broker> broker(std::in_place);
  ASSERT_TRUE(broker->listen(address));
  Program agent(directory.path(), "agent",
                {"/usr/bin/env", "DAEMONEYE_BUS_MODE=external", agent_program(), "--bus", address,
                 "--state-dir", (directory.path() / "state").string()});
  const auto collector_runs = [&address] {
    busrt::BlockingRpcClient client({.name = "asker", .address = address});
    if (!client.connect()) return false;
    const auto reply = client.call("daemoneye-agent", "status");
    if (!reply) return false;
    const auto status = boost::json::parse(busrt::as_text(reply->payload));
    EXPECT_EQ(status.at("bus").at("mode").as_string(), "external");
    const auto& collectors = status.at("collectors").as_array();
    return !collectors.empty() && collectors.front().at("state").as_string() == "running";
  };
  ASSERT_TRUE(wait_until(collector_runs)) << agent.err();
  broker.reset();
  ASSERT_TRUE(wait_until([&agent] { return agent.err().find("connection to") != std::string::npos; }))
      << agent.err();
  broker.emplace();
  ASSERT_TRUE(broker->listen(address));
  EXPECT_TRUE(wait_until(collector_runs)) << agent.err();
  agent.signal(SIGTERM);
  EXPECT_EQ(agent.wait(), 0);
}

TEST(Agent, AConnectionThatDoesNotLastIsFollowedByAPause) {
  TemporaryDirectory directory;
  const std::string address = "ipc://" + (directory.path() / "broker.sock").string();
  busrt::Broker broker;
  ASSERT_TRUE(broker.listen(address));
  Program agent(directory.path(), "agent",
                {"/usr/bin/env", "DAEMONEYE_BUS_MODE=external", agent_program(), "--bus", address,
                 "--state-dir", (directory.path() / "state").string()});
  // Its start ends with an error when it loses its bus: it has both connections once collectors are started.
  ASSERT_TRUE(wait_until([&agent] { return agent.err().contains("procmond (pid"); })) << agent.err();
  // As another agent of its name on a broker with --force-register does. The first pause is at most 100 ms.
  EXPECT_TRUE(wait_until([&broker, &agent] {
    static_cast<void>(broker.disconnect("daemoneye-agent"));
    static const std::regex longer("next attempt in ([4-9][0-9]{2}|[0-9]{4,}) ms");
    return std::regex_search(agent.err(), longer);
  })) << agent.err();
  agent.signal(SIGTERM);
  EXPECT_EQ(agent.wait(), 0);
}

TEST(Agent, ARequestBeforeItsCollectorsAreUpIsAnswered) {
  TemporaryDirectory directory;
  const std::string address = "ipc://" + (directory.path() / "broker.sock").string();
  busrt::Broker broker;
  ASSERT_TRUE(broker.listen(address));
  busrt::BlockingRpcClient client({.name = "asker", .address = address});
  ASSERT_TRUE(client.connect());
  for (int round = 0; round < 20; ++round) {
    Program agent(
        directory.path(), "agent",
        {"/usr/bin/env", "DAEMONEYE_BUS_MODE=external", "DAEMONEYE_COLLECTORS_PROCMOND_ENABLED=false",
         agent_program(), "--bus", address, "--state-dir", (directory.path() / "state").string()});
    // Asks without a pause, so that the first request meets the agent in the middle of joining.
    const auto deadline = std::chrono::steady_clock::now() + patience;
    bool answered = false;
    while (!answered && alive(agent.pid()) && std::chrono::steady_clock::now() < deadline) {
      answered = client.call("daemoneye-agent", "status").has_value();
    }
    ASSERT_TRUE(answered) << agent.err();
    agent.signal(SIGTERM);
    ASSERT_EQ(agent.wait(), 0) << agent.err();
  }
}

TEST(Agent, WithoutTheBrokerOfSomebodyElseItSaysSoAndEnds) {
  TemporaryDirectory directory;
  Program agent(
      directory.path(), "agent",
      {"/usr/bin/env", "DAEMONEYE_BUS_MODE=external", agent_program(), "--bus",
       (directory.path() / "nobody.sock").string(), "--state-dir", (directory.path() / "state").string()});
  EXPECT_EQ(agent.wait(), 1);
  EXPECT_NE(agent.err().find("nobody.sock"), std::string::npos) << agent.err();
  EXPECT_TRUE(std::filesystem::is_empty(directory.path() / "state"));
}

}  // namespace
}  // namespace system_tests
