// See terminal.hpp.
#include "terminal.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>

namespace daemoneye_cli {
namespace {

bool starts_code_point(char byte) noexcept {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

/// The code point at `at`, of text that is known to be UTF-8 (JSON is), and its length.
std::pair<std::uint32_t, std::size_t> code_point(std::string_view text, std::size_t at) noexcept {
  const auto first = static_cast<unsigned char>(text[at]);
  const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (at + length > text.size()) return {0xFFFD, text.size() - at};
  std::uint32_t value = length == 1 ? first : first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i)
    value = value << 6U | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
  return {value, length};
}

bool turns_direction(std::uint32_t code) noexcept {
  return code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}

}  // namespace

Screen Screen::of_stdout() {
  if (::isatty(STDOUT_FILENO) == 0) return {};
  const char* const no_colour = std::getenv("NO_COLOR");
  Screen screen{no_colour == nullptr || *no_colour == '\0', 80};
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) screen.columns = size.ws_col;
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

std::string harmless(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto [code, length] = code_point(text, at);
    if (code < 0x20 || (code >= 0x7F && code < 0xA0)) {
      safe += fmt::format("\\x{:02x}", code);
    } else if (turns_direction(code)) {
      safe += fmt::format("\\u{{{:x}}}", code);
    } else {
      safe += text.substr(at, length);
    }
    at += length;
  }
  return safe;
}

std::size_t columns_of(std::string_view text) noexcept {
  std::size_t count = 0;
  for (const char byte : text) count += static_cast<std::size_t>(starts_code_point(byte));
  return count;
}

std::string cut(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  std::size_t end = 0;
  for (std::size_t shown = 0; end < text.size(); ++end) {
    if (starts_code_point(text[end]) && shown++ == columns - 1) break;
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string wrapped(std::string_view text, const Screen& screen, std::size_t indent) {
  if (!screen.columns || *screen.columns <= indent * 2) return std::string(text);
  std::string lines;
  std::size_t used = 0;
  while (!text.empty()) {
    // A word with the spaces before it, so that the indent of the first line stays.
    const auto start = text.find_first_not_of(' ');
    const auto end =
        start == std::string_view::npos ? text.size() : std::min(text.find(' ', start), text.size());
    const std::string_view piece = text.substr(0, end);
    const std::size_t width = columns_of(piece);
    if (used != 0 && used + width > *screen.columns) {
      const std::string_view word = piece.substr(std::min(start, piece.size()));
      lines += "\n" + std::string(indent, ' ') + std::string(word);
      used = indent + columns_of(word);
    } else {
      lines += piece;
      used += width;
    }
    text.remove_prefix(end);
  }
  return lines;
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
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
