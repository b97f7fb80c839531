// The command line of `daemoneye`.
#include "options.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace daemoneye_cli {
namespace {

using namespace std::chrono_literals;

std::expected<Options, int> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "daemoneye");
  return parse_options(static_cast<int>(arguments.size()), arguments.data());
}

/// The first line on standard error about a line that cannot be used.
std::string refusal(std::vector<const char*> arguments) {
  testing::internal::CaptureStderr();
  const auto parsed = parse(std::move(arguments));
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_FALSE(parsed);
  EXPECT_EQ(parsed ? exit_code::ok : parsed.error(), exit_code::unreachable);
  return said.substr(0, said.find('\n'));
}

TEST(Options, WatchShowsEveryEventUntilItIsEnded) {
  const auto options = parse({"watch"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->command, Options::Command::watch);
  EXPECT_EQ(options->pattern, "events.*");
  EXPECT_EQ(options->count, 0U);
  EXPECT_EQ(options->wait, 0ms);
  EXPECT_FALSE(options->json);
}

TEST(Options, GeneralOptionsStandBeforeOrAfterTheCommand) {
  for (const auto& arguments :
       {std::vector<const char*>{"--json", "--wait", "1.5", "--bus", "ipc:///b", "status"},
        {"status", "--json", "--wait", "1.5", "--bus", "ipc:///b"}}) {
    const auto options = parse(arguments);
    ASSERT_TRUE(options);
    EXPECT_EQ(options->command, Options::Command::status);
    EXPECT_TRUE(options->json);
    EXPECT_EQ(options->wait, 1500ms);
    EXPECT_EQ(options->bus, "ipc:///b");
    EXPECT_FALSE(options->strict);
  }
}

TEST(Options, TheAddressComesFromTheEnvironmentUnlessItIsGiven) {
  ::setenv("DAEMONEYE_BUS", "ipc:///environment", 1);
  EXPECT_EQ(parse({"status"})->bus, "ipc:///environment");
  EXPECT_EQ(parse({"status", "--bus", "ipc:///given"})->bus, "ipc:///given");
  ::unsetenv("DAEMONEYE_BUS");
  EXPECT_EQ(parse({"status"})->bus, default_address);
}

TEST(Options, ACountIsAWholeNumberFromOne) {
  EXPECT_EQ(parse({"watch", "--count", "7"})->count, 7U);
  for (const char* const wrong : {"0", "-1", "1.5", "many", "", "9999999999999999999"}) {
    const std::string said = refusal({"watch", "--count", wrong});
    EXPECT_TRUE(said.contains("expected a whole number from 1")) << said;
  }
}

TEST(Options, AnUnknownCommandIsNamedWithTheNearestOne) {
  EXPECT_EQ(refusal({"statsu"}), "daemoneye: unknown command \"statsu\"; did you mean status?");
  EXPECT_EQ(refusal({"query"}), "daemoneye: unknown command \"query\"; the commands are watch, status");
  EXPECT_EQ(refusal({}), "daemoneye: a command is missing; the commands are watch, status");
  EXPECT_EQ(refusal({"--json"}), "daemoneye: a command is missing; the commands are watch, status");
}

TEST(Options, APatternThatCannotBeRoutedIsRefused) {
  EXPECT_TRUE(refusal({"watch", ""}).starts_with("daemoneye: the pattern \"\" is empty; expected topics"));
  EXPECT_TRUE(refusal({"watch", "\xff"}).contains("cannot be routed"));
  EXPECT_EQ(parse({"watch", "health.*"})->pattern, "health.*");
}

TEST(Options, WhatAnErrorQuotesCannotActOnATerminal) {
  EXPECT_FALSE(refusal({"\x1b[2J"}).contains('\x1b'));
  EXPECT_FALSE(refusal({"status", "--\x1b[2J"}).contains('\x1b'));
}

TEST(Options, HelpAndVersionGoToStandardOutputAndEndWell) {
  for (const auto& [argument, expected] : {std::pair{"--help", "Exit codes:"}, {"--version", "daemoneye "}}) {
    testing::internal::CaptureStdout();
    const auto parsed = parse({argument});
    const std::string shown = testing::internal::GetCapturedStdout();
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error(), exit_code::ok);
    EXPECT_TRUE(shown.contains(expected)) << shown;
  }
}

}  // namespace
}  // namespace daemoneye_cli
