// The first event of a collector is where watching begins; only what is missing after it counts, unless its
// start was heard.
#include "sequence_watch.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace daemoneye_cli {
namespace {

/// So that nobody can fill the memory by making up names.
constexpr std::size_t max_collectors = 64;

}  // namespace

SequenceWatch::Run* SequenceWatch::run_of(std::string_view collector) {
  const auto found = runs_.find(collector);
  if (found != runs_.end()) return &found->second;
  if (runs_.size() < max_collectors) return &runs_[std::string(collector)];
  overflowed_ = true;
  return nullptr;
}

std::optional<std::string> SequenceWatch::missing(std::string_view collector, std::uint64_t first,
                                                  std::uint64_t last) {
  if (!whole_ || first > last) return std::nullopt;
  const std::uint64_t count = last - first + 1;
  missed_ += count;
  return fmt::format("{} event{} of {} did not arrive here (numbers {} to {})", count, count == 1 ? "" : "s",
                     collector, first, last);
}

SequenceWatch::Step SequenceWatch::take(const daemoneye::events::Event& event) {
  Step step;
  Run* const run = run_of(event.collector);
  if (run != nullptr && run->epoch == event.epoch && event.seq <= run->last) return step;
  if (event.is_loss()) {
    const auto loss = daemoneye::events::parse_loss(event.data);
    if (loss && loss->count) {
      lost_ += *loss->count;
    } else {
      ++unknown_losses_;
    }
  }
  if (run == nullptr) return step;
  if (run->epoch == event.epoch) {
    step.hole = missing(event.collector, run->last + 1, event.seq - 1);
    run->last = event.seq;
    return step;
  }
  step.new_run = run->epoch != 0;
  step.end_known = run->end_known;
  if (step.new_run || run->heard_start) step.hole = missing(event.collector, 1, event.seq - 1);
  *run = {event.epoch, event.seq, false, false};
  return step;
}

void SequenceWatch::starts(std::string_view collector) {
  if (Run* const run = run_of(collector)) run->heard_start = true;
}

std::optional<std::string> SequenceWatch::ended_at(std::string_view collector, std::uint64_t epoch,
                                                   std::uint64_t seq) {
  Run* const run = run_of(collector);
  // Nothing of this run came, and since when it was listened to is not known.
  if (run == nullptr || run->epoch != epoch) return std::nullopt;
  run->end_known = true;
  auto hole = missing(collector, run->last + 1, seq);
  run->last = std::max(run->last, seq);
  return hole;
}

std::string SequenceWatch::losses() const {
  std::string lost;
  const auto add = [&lost](std::string part) { lost += (lost.empty() ? "" : "; ") + std::move(part); };
  if (missed_ != 0) add(fmt::format("{} did not arrive here", missed_));
  if (lost_ != 0) add(fmt::format("{} lost by collectors, which say so", lost_));
  if (unknown_losses_ != 0) add(fmt::format("{} loss record(s) of unknown size", unknown_losses_));
  if (overflowed_) add(fmt::format("more than {} collectors, not all of them followed", max_collectors));
  return lost;
}

}  // namespace daemoneye_cli
