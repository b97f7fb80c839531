// ANSI colours by the usual conventions of the environment.
#include "terminal.hpp"

#include <fmt/chrono.h>
#include <fmt/core.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "busrt/base/print_last.hpp"
#include "busrt/base/printable.hpp"
#include "system.hpp"

namespace busrt_cli {
namespace {

/// Set before there are threads.
WithoutReader without_reader = WithoutReader::end_in_failure;

void print_log_line(std::string_view level, Style style, std::string_view text) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  print_out("[{:%Y-%m-%dT%H:%M:%S}Z {} busrt] {}\n", fmt::gmtime(now), paint(style, level), text);
}

}  // namespace

bool colours() {
  static const bool answer = [] {
    const char* forced = std::getenv("CLICOLOR_FORCE");
    if (forced != nullptr && std::string_view(forced) != "0") return true;
    return std::getenv("NO_COLOR") == nullptr && output_is_terminal();
  }();
  return answer;
}

std::string paint(Style style, std::string_view text) {
  if (!colours()) return shown(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", static_cast<unsigned>(style), shown(text));
}

std::string shown(std::string_view text) {
  static const bool terminal = output_is_terminal();
  return terminal ? busrt::base::printable_lines(text) : std::string(text);
}

void set_without_reader(WithoutReader way) {
  without_reader = way;
  if (way == WithoutReader::end_well) exit_when_output_closes(EXIT_SUCCESS);
}

void write_out(std::string_view text) {
  // Each piece at once, so that what reads a listener's output sees each frame when it comes.
  const int code = busrt::base::print_last("busrt", text, EXIT_SUCCESS, EXIT_FAILURE);
  if (code == EXIT_SUCCESS && std::ferror(stdout) == 0) return;
  if (code == EXIT_SUCCESS && without_reader == WithoutReader::go_on) return;
  // On whatever thread this is: a listener that cannot print has nothing more to do.
  std::_Exit(without_reader == WithoutReader::end_well ? code : EXIT_FAILURE);
}

void Journal::info(std::string_view text) const {
  if (!silent_) print_log_line("INFO ", Style::green, text);
}

void Journal::debug(std::string_view text) const {
  if (!silent_) print_log_line("DEBUG", Style::blue, text);
}

void Journal::error(std::string_view text) const {
  if (silent_) {
    fail(text);
  } else {
    print_log_line("ERROR", Style::red, text);
  }
}

int fail(std::string_view text) {
  // It may hold what a peer has said.
  fmt::print(stderr, "busrt: {}\n",
             error_is_terminal() ? busrt::base::printable_lines(text) : std::string(text));
  return EXIT_FAILURE;
}

}  // namespace busrt_cli
