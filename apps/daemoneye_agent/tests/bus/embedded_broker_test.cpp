// The broker inside the agent: its files, its names, and what is read again.
#include "bus/embedded_broker.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <mutex>
#include <string>
#include <vector>

#include "busrt/blocking_client.hpp"
#include "config/load_config.hpp"
#include "temporary_directory.hpp"

namespace daemoneye_agent {
namespace {

class EmbeddedBrokerTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string address() const {
    return "ipc://" + (directory_.path() / "run" / "bus.sock").string();
  }
  [[nodiscard]] std::string rules_file() const { return (directory_.path() / "access.toml").string(); }
  void write_rules(const std::string& text) const { std::ofstream(rules_file(), std::ios::trunc) << text; }
  /// The settings of a configuration file with this `[bus]` table.
  BusSettings settings(const std::string& table = {}) {
    FlagValues flags;
    flags.bus = address();
    flags.state_dir = (directory_.path() / "state").string();
    auto loaded = load_config(flags, {}, "[bus]\n" + table);
    EXPECT_TRUE(loaded) << loaded.error().front();
    return loaded ? loaded->config.bus : BusSettings();
  }
  busrt::base::Result<std::unique_ptr<EmbeddedBroker>> make(const BusSettings& settings) {
    return EmbeddedBroker::make(settings, address(),
                                Logger([this](busrt::base::LogLevel, std::string_view line) {
                                  const std::lock_guard lock(mutex_);  // the broker has threads
                                  lines_.emplace_back(line);
                                }));
  }
  busrt::Result<> connect(const std::string& name) const {
    busrt::BlockingClient client({.name = name, .address = address()});
    auto up = client.connect();
    if (up) up = client.publish("events.process.exec", busrt::as_bytes("x"));
    return up;
  }
  [[nodiscard]] bool logged(std::string_view part) const {
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(lines_, [part](const std::string& line) { return line.contains(part); });
  }

  TemporaryDirectory directory_;
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

TEST_F(EmbeddedBrokerTest, ListensOnItsSocketForItsUserAlone) {
  const auto broker = make(settings());
  ASSERT_TRUE(broker) << broker.error().describe();
  ASSERT_TRUE((*broker)->listen());
  EXPECT_TRUE(connect("procmond"));
  struct stat info{};
  ASSERT_EQ(::stat((directory_.path() / "run" / "bus.sock").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_TRUE(logged("bus: embedded broker on " + address()));
}

TEST_F(EmbeddedBrokerTest, AnAddressThatIsTakenIsNamed) {
  const auto first = make(settings());
  ASSERT_TRUE(first && (*first)->listen());
  const auto second = make(settings());
  ASSERT_TRUE(second);
  const auto bound = (*second)->listen();
  ASSERT_FALSE(bound);
  EXPECT_TRUE(bound.error().message.starts_with("cannot listen on " + address())) << bound.error().message;
}

TEST_F(EmbeddedBrokerTest, ABoundNameIsForItsProcessAlone) {
  const auto broker = make(settings());
  ASSERT_TRUE(broker && (*broker)->listen());
  (*broker)->bind_name("procmond", 1, busrt::NameHolder::close);
  const auto refused = connect("procmond");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, busrt::errc::access);
  EXPECT_TRUE(connect("netmond")) << "other names are free";
  (*broker)->bind_name("procmond", ::getpid(), busrt::NameHolder::close);
  EXPECT_TRUE(connect("procmond"));
}

TEST_F(EmbeddedBrokerTest, RulesWithAMistakeStopTheStartWithFileAndLine) {
  write_rules("[[client]]\nname = \"procmond\"\npublishh = [\"#\"]\n");
  const auto broker = make(settings("access = \"" + rules_file() + "\"\n"));
  ASSERT_FALSE(broker);
  EXPECT_NE(broker.error().message.find("access.toml:3"), std::string::npos) << broker.error().message;
  EXPECT_NE(broker.error().message.find("publishh"), std::string::npos) << broker.error().message;
}

TEST_F(EmbeddedBrokerTest, RulesReadAgainAreInForceAndWithAMistakeTheEarlierOnesStay) {
  const std::string for_procmond = "[[client]]\nname = \"procmond\"\npublish = [\"events.*\"]\n";
  write_rules(for_procmond);
  const auto broker = make(settings("access = \"" + rules_file() + "\"\n"));
  ASSERT_TRUE(broker) << broker.error().describe();
  ASSERT_TRUE((*broker)->listen());
  EXPECT_TRUE(connect("procmond"));
  EXPECT_FALSE(connect("netmond"));

  write_rules("[[client]]\nname = \"netmond\"\npublish = [\"events.*\"]\n");
  (*broker)->reload();
  EXPECT_TRUE(logged("are in force: 1 clients and masks"));
  EXPECT_TRUE(connect("netmond"));
  EXPECT_FALSE(connect("procmond"));

  write_rules(for_procmond + "nonsense");
  (*broker)->reload();
  EXPECT_TRUE(logged("bus: the earlier access rules stay in force"));
  EXPECT_TRUE(logged("access.toml:4"));
  EXPECT_TRUE(connect("netmond"));
  EXPECT_FALSE(connect("procmond"));
}

}  // namespace
}  // namespace daemoneye_agent
