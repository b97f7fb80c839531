// Lines for people: colours, breaks at the width of the terminal, numbers and times. What comes from outside
// goes through busrt::base::printable() before it gets here.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace daemoneye_cli {

enum class Colour : std::uint8_t { none, dim, red, green, yellow, magenta, cyan, bold };

/// Blanks between the columns of a table.
inline constexpr std::size_t column_gap = 2;

/// How standard output is to be written.
struct Screen {
  bool colours = false;
  std::optional<std::size_t> columns;  ///< empty: no terminal, so nothing is cut

  /// A terminal has colours unless NO_COLOR is set; its width is asked anew each time.
  [[nodiscard]] static Screen of_stdout();
};

[[nodiscard]] std::string paint(const Screen& screen, Colour colour, std::string_view text);

/// One line of JSON for programs. A terminal gets it busrt::base::printable_json(), the same JSON.
[[nodiscard]] std::string json_line(std::string_view json, const Screen& screen);

/// Broken at spaces to the screen's width, each further line indented by `indent`, or not at all where that
/// takes half of the width. Unchanged where there is no width.
[[nodiscard]] std::string wrapped(std::string_view text, const Screen& screen, std::size_t indent);

/// 5 s, 3 min, 2 h 5 min, 4 d 1 h
[[nodiscard]] std::string time_span(std::uint64_t seconds);

/// 13:04:05.678 in the time zone of this terminal.
[[nodiscard]] std::string local_time(std::chrono::system_clock::time_point time);

}  // namespace daemoneye_cli
