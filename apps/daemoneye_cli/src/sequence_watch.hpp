// What this terminal missed: holes in the numbers of the events that came, and what their collectors reported
// as lost.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "daemoneye/events/event.hpp"

namespace daemoneye_cli {

class SequenceWatch {
 public:
  /// `whole`: every event is subscribed to, so a missing number is a missing event.
  explicit SequenceWatch(bool whole) : whole_(whole) {}

  struct Step {
    bool new_run = false;             ///< the collector was seen before, and this is another run of it
    bool end_known = true;            ///< false with new_run: how far the earlier run came was never told
    std::optional<std::string> hole;  ///< a sentence when numbers are missing before this event
  };
  [[nodiscard]] Step take(const daemoneye::events::Event& event);

  /// The collector is being started, so its next run will be heard from its first number on.
  void starts(std::string_view collector);
  /// The collector said that its run ended with this number. A sentence when what came ends earlier.
  [[nodiscard]] std::optional<std::string> ended_at(std::string_view collector, std::uint64_t epoch,
                                                    std::uint64_t seq);

  [[nodiscard]] std::uint64_t missed() const noexcept { return missed_; }
  /// What was lost, in a sentence; empty when nothing was.
  [[nodiscard]] std::string losses() const;

 private:
  struct Run {
    std::uint64_t epoch = 0;  ///< 0: no event of it yet
    std::uint64_t last = 0;
    bool end_known = false;
    bool heard_start = false;  ///< the next run begins at 1
  };
  [[nodiscard]] std::optional<std::string> missing(std::string_view collector, std::uint64_t first,
                                                   std::uint64_t last);
  [[nodiscard]] Run* run_of(std::string_view collector);

  bool whole_;
  std::uint64_t missed_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t unknown_losses_ = 0;
  bool overflowed_ = false;  ///< some collectors were not followed
  std::map<std::string, Run, std::less<>> runs_;
};

}  // namespace daemoneye_cli
