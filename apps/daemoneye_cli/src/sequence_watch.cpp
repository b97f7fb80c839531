// The first event of a run is where watching begins; only what is missing after it counts.
#include "sequence_watch.hpp"

#include <fmt/format.h>

namespace daemoneye_cli {

std::optional<std::string> SequenceWatch::take(const collector_core::Event& event) {
  if (event.is_loss()) {
    const auto loss = collector_core::parse_loss(event.data);
    if (loss && loss->count) {
      lost_ += *loss->count;
    } else {
      ++unknown_losses_;
    }
  }
  const auto [entry, first] = last_.try_emplace({event.collector, event.epoch}, event.seq);
  const std::uint64_t before = std::exchange(entry->second, std::max(entry->second, event.seq));
  if (first || !whole_ || event.seq <= before + 1) return std::nullopt;
  const std::uint64_t missing = event.seq - before - 1;
  missed_ += missing;
  return fmt::format("{} event{} of {} did not arrive here (numbers {} to {})", missing,
                     missing == 1 ? "" : "s", event.collector, before + 1, event.seq - 1);
}

std::string SequenceWatch::summary() const {
  std::string lost;
  const auto add = [&lost](std::string part) { lost += (lost.empty() ? "" : "; ") + std::move(part); };
  if (missed_ != 0) add(fmt::format("{} did not arrive here", missed_));
  if (lost_ != 0) add(fmt::format("{} lost by collectors, which say so", lost_));
  if (unknown_losses_ != 0) add(fmt::format("{} loss record(s) of unknown size", unknown_losses_));
  if (!lost.empty()) return "lost: " + lost;
  return whole_ ? "nothing was lost" : "no collector reported a loss";
}

}  // namespace daemoneye_cli
