// What happened, in order: hashed as it comes, so that two runs can be compared, and written out only when
// somebody wants to read it.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <ostream>

#include "system.hpp"

namespace busrt::simulation {

class Trace {
 public:
  /// Every line goes to `out` at once; null: only the last ones are kept.
  explicit Trace(std::ostream* out) : out_(out), beginning_(Clock::now()) {}

  /// `text` is a literal in which each {} stands for the next value.
  void add(const char* text, std::int64_t first = 0, std::int64_t second = 0, std::int64_t third = 0,
           std::int64_t fourth = 0);

  [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }
  void write_last_lines(std::ostream& out) const;

 private:
  static constexpr std::size_t kept_lines = 60;

  struct Line {
    Duration since;
    const char* text;
    std::array<std::int64_t, 4> values;
  };
  static void write(std::ostream& out, const Line& line);
  void mix(std::uint64_t value) noexcept { hash_ = (hash_ ^ value) * 0x100000001B3U; }

  std::ostream* const out_;
  const Time beginning_;
  std::deque<Line> last_;
  std::uint64_t hash_ = 0xCBF29CE484222325U;
};

}  // namespace busrt::simulation
