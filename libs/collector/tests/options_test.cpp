// The command line of a collector: errors name the flag.

#include "program/options.hpp"

#include <gtest/gtest.h>
#include <stdio.h>   // fmemopen is POSIX, not C++
#include <stdlib.h>  // so is setenv

#include <vector>

namespace daemoneye::collector {
namespace {

std::variant<CollectorOptions, EarlyExit> parse(std::vector<const char*> flags) {
  flags.insert(flags.begin(), "procmond");
  return parse_options("procmond", static_cast<int>(flags.size()), flags.data());
}

class Options : public ::testing::Test {
 protected:
  void SetUp() override { unsetenv("DAEMONEYE_BUS"); }
  void TearDown() override { unsetenv("DAEMONEYE_BUS"); }
};

TEST_F(Options, FlagsAreTaken) {
  const auto parsed =
      parse({"--bus", "/run/x.sock", "--name", "p2", "--settings", R"({"a":1})", "--log-level", "debug"});
  const auto* const options = std::get_if<CollectorOptions>(&parsed);
  ASSERT_NE(options, nullptr);
  EXPECT_EQ(options->bus, "/run/x.sock");
  EXPECT_EQ(options->name, "p2");
  EXPECT_EQ(options->settings.at("a"), 1);
  EXPECT_EQ(options->log_level, busrt::base::LogLevel::debug);
}

TEST_F(Options, TheNameIsTheSourcesUnlessGiven) {
  EXPECT_EQ(std::get<CollectorOptions>(parse({"--bus", "/run/x.sock"})).name, "procmond");
}

TEST_F(Options, TheBusMayComeFromTheEnvironmentAndTheFlagWins) {
  setenv("DAEMONEYE_BUS", "/run/env.sock", 1);
  EXPECT_EQ(std::get<CollectorOptions>(parse({})).bus, "/run/env.sock");
  EXPECT_EQ(std::get<CollectorOptions>(parse({"--bus", "/run/flag.sock"})).bus, "/run/flag.sock");
}

TEST_F(Options, CheckingSettingsNeedsNoBusAndReadsStandardInput) {
  char text[] = R"({"a":1})";
  std::FILE* const input = fmemopen(text, sizeof text - 1, "r");
  const char* const argv[] = {"procmond", "--check-settings"};
  const auto parsed = parse_options("procmond", 2, argv, input);
  std::fclose(input);
  const auto* const options = std::get_if<CollectorOptions>(&parsed);
  ASSERT_NE(options, nullptr);
  EXPECT_TRUE(options->check_settings);
  EXPECT_EQ(options->settings.at("a"), 1);
}

TEST_F(Options, WrongFlagsEndWithTwoAndAreNamed) {
  const std::pair<std::vector<const char*>, const char*> cases[] = {
      {{}, "--bus"},
      {{"--bus", ""}, "--bus"},
      {{"--bus", "nonsense://x"}, "--bus"},
      {{"--bus", "/x.sock", "--name", "a.b"}, "--name"},
      {{"--bus", "/x.sock", "--settings", "{"}, "--settings"},
      {{"--bus", "/x.sock", "--settings", "[1]"}, "--settings"},
      {{"--bus", "/x.sock", "--log-level", "loud"}, "--log-level"},
      {{"--bus", "/x.sock", "--colour"}, "--colour"},
      {{"--bus", "/x.sock", "stray"}, "stray"}};
  for (const auto& [flags, named] : cases) {
    const auto parsed = parse(flags);
    const auto* const exit = std::get_if<EarlyExit>(&parsed);
    ASSERT_NE(exit, nullptr) << named;
    EXPECT_EQ(exit->code, 2);
    EXPECT_NE(exit->text.find(named), std::string::npos) << exit->text;
    EXPECT_TRUE(exit->text.starts_with("procmond: ")) << exit->text;
  }
}

std::variant<CollectorOptions, EarlyExit> parse_with_input(std::string input) {
  const char* const flags[] = {"procmond", "--bus", "/x.sock", "--settings", "-"};
  std::FILE* const file =
      input.empty() ? std::fopen("/dev/null", "r") : fmemopen(input.data(), input.size(), "r");
  auto parsed = parse_options("procmond", 5, flags, file);
  std::fclose(file);
  return parsed;
}

TEST_F(Options, SettingsMayComeFromStandardInput) {
  const auto parsed = parse_with_input(R"({"key":"x"})");
  const auto* const options = std::get_if<CollectorOptions>(&parsed);
  ASSERT_NE(options, nullptr) << std::get<EarlyExit>(parsed).text;
  EXPECT_EQ(options->settings.at("key").as_string(), "x");
}

TEST_F(Options, StandardInputThatHoldsNoSettingsEndsWithTwo) {
  for (const std::string& input :
       {std::string(), std::string("{"), std::string("[]"), std::string(max_settings_bytes + 1, ' ')}) {
    const auto parsed = parse_with_input(input);
    const auto* const exit = std::get_if<EarlyExit>(&parsed);
    ASSERT_NE(exit, nullptr) << input.substr(0, 10);
    EXPECT_EQ(exit->code, 2);
    EXPECT_NE(exit->text.find("--settings"), std::string::npos) << exit->text;
  }
}

TEST_F(Options, HelpAndVersionEndWithZero) {
  const auto help = parse({"--help"});
  EXPECT_EQ(std::get<EarlyExit>(help).code, 0);
  EXPECT_NE(std::get<EarlyExit>(help).text.find("--settings"), std::string::npos);
  const auto version = parse({"--version"});
  EXPECT_EQ(std::get<EarlyExit>(version).code, 0);
  EXPECT_TRUE(std::get<EarlyExit>(version).text.starts_with("procmond "));
}

}  // namespace
}  // namespace daemoneye::collector
