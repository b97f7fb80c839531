// Text for people and for scripts: colours where a terminal shows them, digits in groups, log lines.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "busrt/base/grouped.hpp"

namespace busrt_cli {

enum class Style : std::uint8_t {
  bold = 1,
  dimmed = 2,
  red = 31,
  green = 32,
  yellow = 33,
  blue = 34,
  magenta = 35,
  cyan = 36
};

/// Whether standard output shows colours: it is a terminal and NO_COLOR is not set, or CLICOLOR_FORCE says
/// so.
[[nodiscard]] bool colours();

/// shown() in a style; without one where there are no colours.
[[nodiscard]] std::string paint(Style style, std::string_view text);

/// Text from outside: busrt::base::printable_lines() where standard output is a terminal, elsewhere
/// unchanged. Names and topics of others go through busrt::base::printable() everywhere.
[[nodiscard]] std::string shown(std::string_view text);

/// What becomes of a command when the reader of its output goes.
enum class WithoutReader : std::uint8_t {
  end_well,        ///< it prints as long as it is read, and has done what it should
  end_in_failure,  ///< what it was to tell has not been told
  go_on,           ///< it does more than it prints, and its exit code is about that
};
/// Set once, before anything is printed; end_in_failure until then.
void set_without_reader(WithoutReader way);

/// Writes to standard output at once. When its reader has gone, WithoutReader says what follows; when it
/// takes no more for another reason, the program ends with a line on standard error and the exit code of a
/// failure. From any thread.
void write_out(std::string_view text);

/// Formatted, through write_out().
template <class... Args>
void print_out(fmt::format_string<Args...> format, Args&&... args) {
  write_out(fmt::format(format, std::forward<Args>(args)...));
}

/// 1234567 -> 1_234_567, as the real tool writes numbers.
[[nodiscard]] inline std::string grouped(std::uint64_t number) {
  return busrt::base::grouped(number, '_');
}

/// Log lines as the real tool prints them, on standard output: `[2024-01-01T00:00:00Z INFO  busrt] text`.
class Journal {
 public:
  explicit Journal(bool silent) : silent_(silent) {}
  void info(std::string_view text) const;
  /// When silent, on standard error instead of nowhere.
  void error(std::string_view text) const;
  void debug(std::string_view text) const;
  [[nodiscard]] bool silent() const noexcept { return silent_; }

 private:
  bool silent_;
};

/// Prints `busrt: text` on standard error and returns the exit code of a failed command.
int fail(std::string_view text);

}  // namespace busrt_cli
