// See terminal.hpp.
#include "terminal.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "busrt/base/printable.hpp"
#include "busrt/base/terminal_text.hpp"

namespace daemoneye_cli {

Screen Screen::of_stdout() {
  Screen screen;
  screen.columns = busrt::base::terminal_columns(STDOUT_FILENO);
  const char* const no_colour = std::getenv("NO_COLOR");
  screen.colours = screen.columns && (no_colour == nullptr || *no_colour == '\0');
  return screen;
}

std::string paint(const Screen& screen, Colour colour, std::string_view text) {
  if (!screen.colours || colour == Colour::none) return std::string(text);
  const auto code = [colour] {
    switch (colour) {
      case Colour::dim:
        return 2;
      case Colour::red:
        return 31;
      case Colour::green:
        return 32;
      case Colour::yellow:
        return 33;
      case Colour::magenta:
        return 35;
      case Colour::cyan:
        return 36;
      default:
        return 1;
    }
  }();
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

std::string json_line(std::string_view json, const Screen& screen) {
  return (screen.columns ? busrt::base::printable_json(json) : std::string(json)) + "\n";
}

std::string wrapped(std::string_view text, const Screen& screen, std::size_t indent) {
  if (!screen.columns) return std::string(text);
  if (*screen.columns <= indent * 2) indent = 0;
  std::string lines;
  std::size_t used = 0;
  while (!text.empty()) {
    // A word with the spaces before it, so that the indent of the first line stays.
    const auto start = text.find_first_not_of(' ');
    const auto end =
        start == std::string_view::npos ? text.size() : std::min(text.find(' ', start), text.size());
    const std::string_view piece = text.substr(0, end);
    const std::size_t width = busrt::base::columns_of(piece);
    if (used != 0 && used + width > *screen.columns) {
      const std::string_view word = piece.substr(std::min(start, piece.size()));
      lines += "\n" + std::string(indent, ' ') + std::string(word);
      used = indent + busrt::base::columns_of(word);
    } else {
      lines += piece;
      used += width;
    }
    text.remove_prefix(end);
  }
  return lines;
}

std::string time_span(std::uint64_t seconds) {
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{} min", seconds / 60);
  if (seconds < 86400) return fmt::format("{} h {} min", seconds / 3600, seconds / 60 % 60);
  return fmt::format("{} d {} h", seconds / 86400, seconds / 3600 % 24);
}

std::string local_time(std::chrono::system_clock::time_point time) {
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  const std::time_t clock = static_cast<std::time_t>(seconds.count());
  return fmt::format("{:%H:%M:%S}.{:03}", fmt::localtime(clock), (since - seconds).count());
}

}  // namespace daemoneye_cli
