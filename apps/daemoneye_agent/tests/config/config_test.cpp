// Configuration: which layer wins, and what the messages of every kind of mistake say.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "config/config_file.hpp"
#include "config/load_config.hpp"
#include "temporary_directory.hpp"

namespace daemoneye_agent {
namespace {

using namespace std::chrono_literals;

FlagValues with_file(std::string name = "agent.toml") {
  FlagValues flags;
  flags.config_file = std::move(name);
  return flags;
}

ConfigErrors errors_of(const std::string& text, const Environment& environment = {}) {
  const auto loaded = load_config(with_file(), environment, text);
  return loaded ? ConfigErrors{} : loaded.error();
}

TEST(ConfigFile, ThatOthersMayWriteIsRefused) {
  const TemporaryDirectory root;
  const auto file = root.path() / "agent.toml";
  std::ofstream(file) << "log_level = \"info\"\n";
  ASSERT_EQ(::chmod(file.c_str(), 0644), 0);
  EXPECT_TRUE(load_config(with_file(file), {}));
  ASSERT_EQ(::chmod(file.c_str(), 0666), 0);
  const auto loaded = load_config(with_file(file), {});
  ASSERT_FALSE(loaded);
  ASSERT_EQ(loaded.error().size(), 1U);
  EXPECT_NE(loaded.error()[0].find(file.string() + " belongs to uid"), std::string::npos)
      << loaded.error()[0];
  EXPECT_NE(loaded.error()[0].find("mode 0666"), std::string::npos) << loaded.error()[0];
}

TEST(Config, NeedsNoFile) {
  const auto loaded = load_config({}, {});
  ASSERT_TRUE(loaded);
  const Config& config = loaded->config;
  EXPECT_EQ(config.bus.address.value, "ipc://daemoneye.sock");
  EXPECT_EQ(config.bus.address.origin, "default");
  EXPECT_EQ(config.bus.mode.value, BusMode::embedded);
  ASSERT_EQ(config.collectors.size(), 1U);
  EXPECT_EQ(config.collectors[0].name, "procmond");
  EXPECT_TRUE(config.collectors[0].enabled.value);
  EXPECT_TRUE(loaded->warnings.empty());
}

TEST(Config, ThePatienceWithACollectorFollowsFromTheBusesStallLimit) {
  const auto patience = [](const std::string& text) {
    const auto loaded = load_config(with_file(), {}, text);
    return loaded ? loaded->config.collectors.at(0).bus_patience : 0ms;
  };
  EXPECT_EQ(patience(""), 13250ms);
  EXPECT_EQ(patience("[bus]\nstall_limit_ms = 60000\n"), 69500ms);
  EXPECT_EQ(patience("[collectors.procmond.health]\ntimeout_ms = 500\n"), 11750ms);
}

TEST(Config, FurtherListenersNeedWhatTheyNeed) {
  EXPECT_TRUE(load_config(with_file(), {}, R"([bus]
listen = ["127.0.0.1:7777", "tcp://0.0.0.0:7778"]
certificate = "c.pem"
key = "c.key"
authority = "ca.pem"
revocations = "ca.crl"
)"));
  const auto bare = errors_of("[bus]\nlisten = [\"tcp://0.0.0.0:7778\"]\n");
  ASSERT_EQ(bare.size(), 1U);
  EXPECT_EQ(
      bare[0],
      "agent.toml:2:10: bus.listen: found \"tcp://0.0.0.0:7778\", which needs bus.certificate, bus.key and "
      "bus.authority");
  for (const std::string host : {"0.0.0.0", "10.1.2.3", "[::]", "[fd00::1]"}) {
    const auto open = errors_of("[bus]\nlisten = [\"" + host + ":7777\"]\n");
    ASSERT_EQ(open.size(), 1U) << host;
    EXPECT_TRUE(
        open[0].contains("has no TLS and is more than this host: expected tcp://HOST:PORT, or "
                         "bus.insecure_tcp = true"))
        << open[0];
  }
  EXPECT_TRUE(load_config(with_file(), {}, "[bus]\nlisten = [\"[::1]:7777\", \"localhost:7778\"]\n"));
  EXPECT_TRUE(load_config(with_file(), {}, "[bus]\nlisten = [\"0.0.0.0:7777\"]\ninsecure_tcp = true\n"));
  const auto fifo = errors_of("[bus]\nlisten = [\"fifo:/tmp/f\"]\n");
  ASSERT_EQ(fifo.size(), 1U);
  EXPECT_NE(fifo[0].find("expected ipc://PATH, HOST:PORT or tcp://HOST:PORT"), std::string::npos) << fifo[0];
  const auto external = errors_of("[bus]\nmode = \"external\"\naccess = \"rules.toml\"\n");
  ASSERT_EQ(external.size(), 1U);
  EXPECT_EQ(
      external[0],
      "agent.toml:3:10: bus.access: is for the embedded broker; tell it to the broker that runs elsewhere");
}

TEST(Config, ASettingThatJsonCannotHoldIsNamed) {
  const auto errors = errors_of(
      "[collectors.procmond]\nsettings = { interval = inf, deep = { list = [1, { value = nan }] } }\n");
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(
      errors[0],
      "agent.toml:2:60: collectors.procmond.settings.deep.list.value: found nan (floating-point), expected a "
      "finite number");
  EXPECT_TRUE(errors[1].starts_with("agent.toml:2:25: collectors.procmond.settings.interval: found inf"))
      << errors[1];
}

TEST(Config, AnEmptyNameOfTheFileIsNoFileAtAll) {
  const auto loaded = load_config({}, {{"DAEMONEYE_CONFIG", ""}});
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error()[0],
            "DAEMONEYE_CONFIG: found \"\", expected a file; leave it out where none is meant");
}

TEST(Config, TheBrokersResourcesAreBoundedAndLargeEnoughForAClient) {
  const auto defaults = load_config({}, {});
  ASSERT_TRUE(defaults);
  EXPECT_EQ(defaults->config.bus.max_connections.value, 100U);
  EXPECT_EQ(defaults->config.bus.memory_bytes.value, 1U << 30);
  const auto set = load_config(with_file(), {}, "[bus]\nmax_connections = 7\nmemory_bytes = 536870912\n");
  ASSERT_TRUE(set) << set.error()[0];
  EXPECT_EQ(set->config.bus.max_connections.value, 7U);
  EXPECT_EQ(set->config.bus.memory_bytes.value, 512U << 20);
  const auto small = errors_of("[bus]\nmemory_bytes = 1048576\n");
  ASSERT_EQ(small.size(), 1U);
  EXPECT_TRUE(small[0].starts_with("agent.toml:2:16: bus.memory_bytes: found 1048576, expected at least "))
      << small[0];
  const auto external = errors_of("[bus]\nmode = \"external\"\nmax_connections = 5\n");
  ASSERT_EQ(external.size(), 1U);
  EXPECT_EQ(
      external[0],
      "agent.toml:3:19: bus.max_connections: is for the embedded broker; tell it to the broker that runs "
      "elsewhere");
}

TEST(Config, ASecurityOptionIsNeitherEmptyNorWithoutEffect) {
  for (const std::string key : {"certificate", "key", "authority", "revocations", "access"}) {
    const auto empty = errors_of("[bus]\n" + key + " = \"\"\n");
    ASSERT_EQ(empty.size(), 1U) << key;
    EXPECT_EQ(empty[0], "agent.toml:2:" + std::to_string(key.size() + 4) + ": bus." + key +
                            ": found \"\", expected a file; leave the key out where none is meant");
  }
  const auto variable = errors_of("", {{"DAEMONEYE_BUS_ACCESS", ""}});
  ASSERT_EQ(variable.size(), 1U);
  EXPECT_TRUE(variable[0].starts_with("DAEMONEYE_BUS_ACCESS: bus.access: found \"\"")) << variable[0];
  for (const std::string key : {"certificate", "key", "authority"}) {
    const auto unused = errors_of("[bus]\nlisten = [\"127.0.0.1:7777\"]\n" + key + " = \"x.pem\"\n");
    ASSERT_EQ(unused.size(), 1U) << key;
    EXPECT_TRUE(unused[0].contains(
        "bus." + key + ": has no effect at ipc://daemoneye.sock, 127.0.0.1:7777: it is for tcp://"))
        << unused[0];
  }
  const auto unchecked = errors_of("[bus]\nlisten = [\"127.0.0.1:7777\"]\nrevocations = \"x.pem\"\n");
  ASSERT_EQ(unchecked.size(), 1U);
  EXPECT_TRUE(unchecked[0].contains("bus.revocations: has no effect without an authority")) << unchecked[0];
  const auto insecure = errors_of("[bus]\ninsecure_tcp = true\n");
  ASSERT_EQ(insecure.size(), 1U);
  EXPECT_TRUE(insecure[0].starts_with("agent.toml:2:16: bus.insecure_tcp: has no effect at ")) << insecure[0];
}

TEST(Config, FlagWinsOverEnvironmentOverFileOverDefault) {
  const std::string file = "state_dir = \"/from/file\"\n[bus]\naddress = \"ipc:///from/file.sock\"\n";
  FlagValues flags = with_file();
  Environment environment;

  auto loaded = load_config(flags, environment, file);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->config.bus.address.value, "ipc:///from/file.sock");
  EXPECT_EQ(loaded->config.bus.address.origin, "agent.toml:3:11");

  environment["DAEMONEYE_BUS"] = "ipc:///from/environment.sock";
  loaded = load_config(flags, environment, file);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->config.bus.address.value, "ipc:///from/environment.sock");
  EXPECT_EQ(loaded->config.bus.address.origin, "DAEMONEYE_BUS");

  flags.bus = "ipc:///from/flag.sock";
  loaded = load_config(flags, environment, file);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->config.bus.address.value, "ipc:///from/flag.sock");
  EXPECT_EQ(loaded->config.bus.address.origin, "--bus");
  EXPECT_EQ(loaded->config.state_dir.value, "/from/file");
}

TEST(Config, EveryScalarHasAnEnvironmentName) {
  const auto loaded = load_config({}, {{"DAEMONEYE_BUS_QUEUE_FRAMES", "100"},
                                       {"DAEMONEYE_COLLECTORS_PROCMOND_ENABLED", "false"},
                                       {"DAEMONEYE_COLLECTORS_PROCMOND_RESTART_WINDOW_S", "7"}});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->config.bus.queue_frames.value, 100U);
  EXPECT_FALSE(loaded->config.collectors[0].enabled.value);
  EXPECT_EQ(loaded->config.collectors[0].restart.window.value, 7s);
  EXPECT_TRUE(loaded->warnings.empty());
}

TEST(Config, ReadsCollectorsWithTheirSettings) {
  const auto loaded = load_config(with_file(), {}, R"(
[collectors.procmond]
args = ["--log-level", "debug"]
grace_period_ms = 1500
[collectors.procmond.settings]
method = "scan"
interval_ms = 250
nested = { list = [1, true, "x"] }
[collectors.netmond]
path = "/opt/netmond"
restart = { initial_backoff_ms = 10, max_backoff_ms = 20, max_restarts = 2, window_s = 5 }
)");
  ASSERT_TRUE(loaded) << loaded.error().front();
  ASSERT_EQ(loaded->config.collectors.size(), 2U);
  const auto& procmond = loaded->config.collectors[0];
  EXPECT_EQ(procmond.args.value, (std::vector<std::string>{"--log-level", "debug"}));
  EXPECT_EQ(procmond.grace_period.value, 1500ms);
  EXPECT_EQ(procmond.settings.value.at("method").as_string(), "scan");
  EXPECT_EQ(procmond.settings.value.at("interval_ms").as_int64(), 250);
  EXPECT_EQ(procmond.settings.value.at("nested").at("list").as_array().size(), 3U);
  const auto& netmond = loaded->config.collectors[1];
  EXPECT_EQ(netmond.name, "netmond");
  EXPECT_EQ(netmond.restart.max_restarts.value, 2U);
  EXPECT_EQ(netmond.restart.initial_backoff.value, 10ms);
}

TEST(Config, AWrongTypeNamesFileLineColumnKeyFoundAndExpected) {
  const auto errors = errors_of("[bus]\nqueue_frames = \"many\"\n");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(
      errors[0],
      "agent.toml:2:16: bus.queue_frames: found \"many\" (string), expected an integer from 16 to 16777216");
}

TEST(Config, AValueInThePlaceOfATableIsAnError) {
  struct Case {
    const char* text;
    const char* error;
  };
  for (const auto& [text, error] : std::initializer_list<Case>{
           {"bus = 5\n", "agent.toml:1:7: bus: found 5 (integer), expected a table"},
           {"collectors = true\n", "agent.toml:1:14: collectors: found true (boolean), expected a table"},
           {"[collectors]\nprocmond = 5\n",
            "agent.toml:2:12: collectors.procmond: found 5 (integer), expected a table"},
           {"[collectors]\nfresh = \"x\"\n",
            "agent.toml:2:9: collectors.fresh: found \"x\" (string), expected a table"},
           {"[[collectors.procmond]]\nenabled = false\n",
            "agent.toml:1:1: collectors.procmond: found an array, expected a table"},
           {"[collectors.procmond]\nrestart = 5\n",
            "agent.toml:2:11: collectors.procmond.restart: found 5 (integer), expected a table"},
           {"[collectors.procmond]\nhealth = []\n",
            "agent.toml:2:10: collectors.procmond.health: found an array, expected a table"},
           {"[collectors.procmond]\nsettings = 5\n",
            "agent.toml:2:12: collectors.procmond.settings: found 5 (integer), expected a table"},
           {"[bus.mode]\nx = 1\n",
            "agent.toml:1:1: bus.mode: found a table, expected one of embedded, external"}}) {
    EXPECT_EQ(errors_of(text), ConfigErrors{error}) << text;
  }
}

TEST(Config, AQuotedKeyThatLooksLikeAPathIsUnknown) {
  const auto errors = errors_of("\"bus.mode\" = \"external\"\n");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_NE(errors[0].find("agent.toml:1:1: bus.mode: unknown key"), std::string::npos) << errors[0];
}

TEST(Config, AWrongTypeIsAnErrorAlsoWhereAFlagHasTheLastWord) {
  FlagValues flags = with_file();
  flags.log_level = "debug";
  const auto loaded = load_config(flags, {{"DAEMONEYE_BUS_QUEUE_FRAMES", "100"}},
                                  "log_level = 5\n[bus]\nqueue_frames = true\n");
  ASSERT_FALSE(loaded);
  ASSERT_EQ(loaded.error().size(), 2U);
  EXPECT_NE(loaded.error()[0].find("agent.toml:1:13: log_level: found 5"), std::string::npos);
  EXPECT_NE(loaded.error()[1].find("agent.toml:3:16: bus.queue_frames: found true"), std::string::npos);
}

TEST(Config, AllMistakesAreReportedAtOnce) {
  const auto errors = errors_of("log_level = \"loud\"\n[bus]\nqueue_frames = 3\nmode = 1\ntimeout_ms = -1\n",
                                {{"DAEMONEYE_STATE_DIR", ""}});
  ASSERT_EQ(errors.size(), 5U);
  EXPECT_EQ(errors[0], "DAEMONEYE_STATE_DIR: state_dir: found \"\", expected a directory");
  EXPECT_NE(
      errors[1].find("agent.toml:1:13: log_level: found \"loud\" (string), expected one of trace, debug"),
      std::string::npos)
      << errors[1];
  EXPECT_NE(errors[2].find("agent.toml:4:8: bus.mode: found 1 (integer), expected one of embedded, external"),
            std::string::npos)
      << errors[2];
}

TEST(Config, AnUnknownKeyIsAnErrorWithAHint) {
  auto errors = errors_of("[bus]\nadress = \"x.sock\"\n");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0], "agent.toml:2:1: bus.adress: unknown key; did you mean bus.address?");
  errors = errors_of("[buss]\nmode = \"embedded\"\n");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0], "agent.toml:1:2: buss: unknown key; did you mean bus?");
  errors = errors_of("[collectors.procmond.restart]\nwhatever = 1\n");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_NE(errors[0].find("collectors.procmond.restart.whatever: unknown key; known here: "),
            std::string::npos);
}

TEST(Config, BadSyntaxNamesThePlace) {
  const auto errors = errors_of("[bus\n");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].find("agent.toml:1:"), 0U) << errors[0];
}

TEST(Config, AFileThatCannotBeReadIsNamed) {
  const auto loaded = load_config(with_file("/nonexistent/agent.toml"), {});
  ASSERT_FALSE(loaded);
  EXPECT_EQ(
      loaded.error().front(),
      "/nonexistent/agent.toml: cannot read the configuration named by --config: No such file or directory");
  EXPECT_FALSE(load_config(with_file(""), {}));
}

std::string refusal_of(const std::string& path) {
  const auto loaded = load_config(with_file(path), {});
  return loaded ? "" : loaded.error().front();
}

TEST(Config, WhatIsNoRegularFileIsRefusedByWhatItIs) {
  EXPECT_EQ(refusal_of("/"),
            "/: cannot read the configuration named by --config: it is a directory, expected a regular file");
  EXPECT_NE(refusal_of("/dev/zero").find("it is a character device"), std::string::npos);
  const TemporaryDirectory directory;
  const std::string fifo = directory.path() / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_NE(refusal_of(fifo).find("it is a pipe"), std::string::npos) << "and nobody waits for a writer";
}

TEST(Config, AFileIsReadUpToALimit) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() / "agent.toml";
  std::ofstream(path) << "log_level = \"warn\"\n#" << std::string(max_config_bytes - 20, 'x');
  ASSERT_EQ(std::filesystem::file_size(path), max_config_bytes);
  const auto loaded = load_config(with_file(path), {});
  ASSERT_TRUE(loaded) << loaded.error().front();
  EXPECT_EQ(loaded->config.log_level.value, busrt::base::LogLevel::warn);
  std::ofstream(path, std::ios::app) << 'x';
  EXPECT_NE(refusal_of(path).find("it has more than 1048576 bytes"), std::string::npos) << refusal_of(path);
}

TEST(Config, AnAddressThatTheEmbeddedBrokerCannotOpenIsRefused) {
  const auto errors = errors_of("[bus]\naddress = \"tcp://host:1\"\n");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_NE(errors[0].find("agent.toml:2:11: bus.address:"), std::string::npos) << errors[0];
  EXPECT_TRUE(errors_of("[bus]\nmode = \"external\"\naddress = \"127.0.0.1:7777\"\n").empty());
}

TEST(Config, ACollectorNameMustFitIntoATopic) {
  EXPECT_EQ(errors_of("[collectors.\"a.b\"]\n").size(), 2U);  // the name, and the key that nobody reads
  EXPECT_TRUE(errors_of("[collectors.a-b_1]\n").empty());
}

TEST(Config, BackoffBoundsMustBeInOrder) {
  const auto errors =
      errors_of("[collectors.procmond.restart]\ninitial_backoff_ms = 500\nmax_backoff_ms = 100\n");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0],
            "agent.toml:3:18: collectors.procmond.restart.max_backoff_ms: found 100, expected at least "
            "initial_backoff_ms (500)");
}

TEST(Config, AStrayEnvironmentVariableIsAWarningWithAHint) {
  const auto loaded = load_config({}, {{"DAEMONEYE_STATEDIR", "/x"}});
  ASSERT_TRUE(loaded);
  ASSERT_EQ(loaded->warnings.size(), 1U);
  EXPECT_NE(loaded->warnings[0].find("did you mean DAEMONEYE_STATE_DIR?"), std::string::npos);
}

}  // namespace
}  // namespace daemoneye_agent
