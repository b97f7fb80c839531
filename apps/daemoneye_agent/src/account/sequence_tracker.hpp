// Which numbers of a sequence arrived: the last, the holes, and what came twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace daemoneye_agent {

/// Holes that are remembered one by one. Beyond it the oldest stays counted as missing but can no longer be
/// filled.
inline constexpr std::size_t max_open_holes = 1024;

/// For numbers from 1 upwards. Memory is bounded by max_open_holes whatever comes.
class SequenceTracker {
 public:
  enum class Arrival : std::uint8_t { fresh, duplicate };

  Arrival record(std::uint64_t number);
  /// Says that the numbers up to `number` were given out, so those that never arrived are missing.
  void expect_up_to(std::uint64_t number);
  /// Continues a sequence of which the numbers up to `last` are known, but for `missing` of them that cannot
  /// be filled any more.
  void resume(std::uint64_t last, std::uint64_t missing);

  [[nodiscard]] std::uint64_t last() const noexcept { return last_; }
  [[nodiscard]] std::uint64_t missing() const noexcept { return missing_; }
  /// "5-7, 12", at most `most` ranges and then "...".
  [[nodiscard]] std::string describe_holes(std::size_t most) const;

 private:
  void open_hole(std::uint64_t first, std::uint64_t last);

  std::uint64_t last_ = 0;
  std::uint64_t missing_ = 0;
  std::map<std::uint64_t, std::uint64_t> holes_;  ///< first -> last, disjoint
  bool forgot_holes_ = false;
};

}  // namespace daemoneye_agent
