// What this terminal missed: holes in the numbers of the events that came, and what their collectors reported
// as lost.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "collector_core/event.hpp"

namespace daemoneye_cli {

class SequenceWatch {
 public:
  /// `whole`: every event is subscribed to, so a missing number is a missing event.
  explicit SequenceWatch(bool whole) : whole_(whole) {}

  /// A sentence when numbers are missing before this event.
  [[nodiscard]] std::optional<std::string> take(const collector_core::Event& event);

  [[nodiscard]] std::uint64_t missed() const noexcept { return missed_; }
  /// "nothing was lost", or what was, in a sentence.
  [[nodiscard]] std::string summary() const;

 private:
  bool whole_;
  std::uint64_t missed_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t unknown_losses_ = 0;
  std::map<std::pair<std::string, std::uint64_t>, std::uint64_t> last_;  ///< (collector, epoch) -> seq
};

}  // namespace daemoneye_cli
