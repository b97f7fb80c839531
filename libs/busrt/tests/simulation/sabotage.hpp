// What a network must not do to a stream, done once and told to nobody: the checks have to notice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tap.hpp"

namespace busrt::simulation {

class Sabotage {
 public:
  enum class Kind : std::uint8_t { drop, duplicate, swap, alter };
  /// To the first frame that it can be done to, after `skip` others.
  Sabotage(Kind kind, std::size_t skip) noexcept : kind_(kind), skip_(skip) {}

  /// `bytes` have just been fed to the tap and begin at `begin` of its stream.
  void apply(const Tap& tap, std::uint64_t begin, std::vector<std::byte>& bytes);
  [[nodiscard]] bool done() const noexcept { return done_; }

 private:
  const Kind kind_;
  std::size_t skip_;
  bool done_ = false;
};

}  // namespace busrt::simulation
