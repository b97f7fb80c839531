// Settings are checked by the program that reads them, and named by their place in the file.
#include "supervisor/settings_check.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "config/load_config.hpp"
#include "temporary_directory.hpp"

namespace daemoneye_agent {
namespace {

using namespace std::chrono_literals;

class SettingsCheckTest : public ::testing::Test {
 protected:
  /// What comes of it when the collector's program is this script.
  ConfigCheck check(const std::string& script, const std::string& more = "",
                    std::chrono::milliseconds timeout = 20s, Asked asked = Asked::enabled) {
    const auto program = (root_.path() / "collector").string();
    std::ofstream(program) << "#!/bin/sh\n" << script << "\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    FlagValues flags;
    flags.config_file = "agent.toml";
    const auto loaded = load_config(
        flags, {}, "[collectors.x]\npath = \"" + program + "\"\nsettings = { speed = \"fast\" }\n" + more);
    EXPECT_TRUE(loaded) << loaded.error().front();
    return check_settings(loaded->config, asked, timeout);
  }
  const TemporaryDirectory root_;
};

TEST_F(SettingsCheckTest, EachMistakeIsNamedWithItsPlaceInTheFile) {
  const auto result = check("echo 'speed: expected a number'; echo 'they do not fit together'; exit 3");
  EXPECT_EQ(result.errors,
            (std::vector<std::string>{"agent.toml:3:22: collectors.x.settings.speed: expected a number",
                                      "agent.toml:3:12: collectors.x.settings: they do not fit together"}));
  EXPECT_TRUE(result.warnings.empty());
}

TEST_F(SettingsCheckTest, TheProgramGetsTheSettingsOnItsInput) {
  const auto result =
      check(R"sh([ "$1" = --check-settings ] && [ "$(cat)" = '{"speed":"fast"}' ] || exit 3)sh");
  EXPECT_TRUE(result.errors.empty());
  EXPECT_TRUE(result.warnings.empty());
}

TEST_F(SettingsCheckTest, TheProgramGetsItsArgumentsAsInARun) {
  const auto result = check(R"sh([ "$2" = --deep ] || exit 3)sh", "args = [\"--deep\"]\n");
  EXPECT_TRUE(result.errors.empty());
  EXPECT_TRUE(result.warnings.empty());
}

TEST_F(SettingsCheckTest, AProgramThatDoesNotKnowTheFlagIsAWarning) {
  const auto result = check("echo 'unknown flag' >&2; exit 2");
  EXPECT_TRUE(result.errors.empty());
  ASSERT_EQ(result.warnings.size(), 1U);
  EXPECT_TRUE(result.warnings[0].starts_with("agent.toml:3:12: collectors.x.settings: not checked: "));
  EXPECT_TRUE(result.warnings[0].ends_with("ended with exit code 2: unknown flag")) << result.warnings[0];
}

TEST_F(SettingsCheckTest, AProgramThatDoesNotEndIsAWarning) {
  const auto result = check("exec sleep 1000", "", 200ms);
  EXPECT_TRUE(result.errors.empty());
  ASSERT_EQ(result.warnings.size(), 1U);
  EXPECT_TRUE(result.warnings[0].ends_with("did not end within 200 ms")) << result.warnings[0];
}

TEST_F(SettingsCheckTest, ADisabledCollectorIsAskedOnlyWhereAllAre) {
  EXPECT_TRUE(check("echo 'speed: wrong'; exit 3", "enabled = false\n").errors.empty());
  EXPECT_EQ(check("echo 'speed: wrong'; exit 3", "enabled = false\n", 20s, Asked::all).errors,
            std::vector<std::string>{"agent.toml:3:22: collectors.x.settings.speed: wrong"});
}

TEST_F(SettingsCheckTest, ADisabledCollectorWithoutAProgramIsAWarning) {
  FlagValues flags;
  flags.config_file = "agent.toml";
  const auto loaded = load_config(
      flags, {}, "[collectors.x]\npath = \"/nosuch\"\nenabled = false\nsettings = { speed = \"fast\" }\n");
  ASSERT_TRUE(loaded) << loaded.error().front();
  EXPECT_EQ(
      check_settings(loaded->config, Asked::all).warnings,
      std::vector<std::string>{"agent.toml:2:8: collectors.x.path: \"/nosuch\" is no program that can be "
                               "run; its settings are not checked"});
}

TEST_F(SettingsCheckTest, TerminalControlsOfACollectorDoNotPass) {
  const auto result = check(R"(printf 'speed: \033[31m \302\233\n'; exit 3)");
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_EQ(result.errors[0].find('\033'), std::string::npos);
  EXPECT_EQ(result.errors[0].find("\xC2\x9B"), std::string::npos) << result.errors[0];
}

}  // namespace
}  // namespace daemoneye_agent
