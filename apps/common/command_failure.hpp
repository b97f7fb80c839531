// What a program with commands says about a command line that it cannot use.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cctype>
#include <optional>
#include <string>
#include <vector>

#include "busrt/base/printable.hpp"
#include "busrt/base/suggestion.hpp"

namespace command_line {

/// Returns the names of the commands that may follow.
[[nodiscard]] inline std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

/// Returns the word where the command was expected, if there is one.
[[nodiscard]] inline std::optional<std::string> word_for_command(const CLI::App& app) {
  const std::vector<std::string> words = app.remaining();
  // What follows an unknown option may be its value.
  if (words.empty() || words.front().starts_with('-')) return std::nullopt;
  return words.front();
}

[[nodiscard]] inline std::string upper(std::string text) {
  for (char& letter : text) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  return text;
}

/// Explains that the parser took a word for a positional argument which was probably meant as a command.
[[nodiscard]] inline std::optional<std::string> mistaken_argument(const CLI::App& app,
                                                                  const std::vector<std::string>& commands) {
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional() || option->count() == 0) continue;
    if (const auto meant = busrt::base::closest_word(option->results().front(), commands)) {
      return fmt::format("{} \"{}\" comes before the command; did you mean {} {} {}?", option->get_name(),
                         option->results().front(), app.get_name(), upper(option->get_name()), *meant);
    }
  }
  return std::nullopt;
}

/// Explains that a command is missing after `app`, or that a word is none of its commands.
[[nodiscard]] inline std::string explain_command(const CLI::App& app) {
  const std::vector<std::string> commands = commands_of(app);
  const std::string known = fmt::format("the commands are {}", fmt::join(commands, ", "));
  if (const auto word = word_for_command(app)) {
    const auto meant = busrt::base::closest_word(*word, commands);
    return fmt::format("unknown command \"{}\"; {}", *word, meant ? "did you mean " + *meant + "?" : known);
  }
  if (const auto taken = mistaken_argument(app, commands)) return "a command is missing: " + *taken;
  const bool inner = app.get_parent() != nullptr;
  return fmt::format("a command is missing{}; {}", inner ? " after " + app.get_name() : "", known);
}

/// The sentences for standard error about a line that the parser refused: `PROGRAM: ...`, and where to look.
[[nodiscard]] inline std::string describe_failure(const CLI::App* app, const CLI::Error& wrong) {
  std::string reason = wrong.what();
  const CLI::App* last = app;
  for (auto parsed = last->get_subcommands(); !parsed.empty(); parsed = last->get_subcommands())
    last = parsed.front();
  const bool lacks_command = last->get_require_subcommand_min() > 0 && last->get_subcommands().empty();
  if (lacks_command && wrong.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError))
    reason = explain_command(*last);
  return fmt::format("{}: {}\n{} --help shows the commands and options\n", app->get_name(),
                     busrt::base::printable_lines(reason), app->get_name());
}

}  // namespace command_line
