// Standard output of a command: buffered, and every failure of writing is known and told apart.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace daemoneye_cli {

/// How much text is gathered before it is written without being asked to, in bytes.
inline constexpr std::size_t output_buffer = 65536;
/// How long a reader that takes nothing holds up a program that is to end and has an account to give.
inline constexpr std::chrono::milliseconds last_words{2000};
/// The same for a sentence or a table that the program can do without.
inline constexpr std::chrono::milliseconds short_patience{100};

/// Not thread-safe. A reader that has gone (EPIPE; SIGPIPE must be ignored) is a quiet end; whatever else
/// keeps text from being written is a failure with a sentence.
class Output {
 public:
  /// `ending` says whether the program is to end; from then on a reader that takes nothing holds it up for
  /// `patience` at most.
  Output(int fd, std::function<bool()> ending, std::chrono::milliseconds patience = last_words)
      : fd_(fd), ending_(std::move(ending)), patience_(patience) {}

  void put(std::string_view text);
  /// Whether all that was put has been written.
  bool flush();

  /// Nothing has failed so far, and somebody could read what is put next. Asks the system.
  [[nodiscard]] bool readable();
  /// Nothing has failed so far.
  [[nodiscard]] bool open() const noexcept { return !reader_gone_ && problem_.empty(); }
  [[nodiscard]] bool reader_gone() const noexcept { return reader_gone_; }
  /// Why text could not be written, for any other reason; else empty.
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

 private:
  /// Whether the descriptor takes some bytes now; false after a failure, which it notes.
  bool wait_writable();
  void fail(int error);

  int fd_;
  std::function<bool()> ending_;
  std::chrono::milliseconds patience_;
  std::string buffer_;
  std::chrono::steady_clock::time_point give_up_at_ = std::chrono::steady_clock::time_point::max();
  bool reader_gone_ = false;
  std::string problem_;
};

}  // namespace daemoneye_cli
