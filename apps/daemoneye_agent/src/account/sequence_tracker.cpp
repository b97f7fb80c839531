// Holes are disjoint ranges below last_; a late arrival shrinks or splits the one it falls into.
#include "account/sequence_tracker.hpp"

#include <fmt/format.h>

#include <iterator>

namespace daemoneye_agent {

SequenceTracker::Arrival SequenceTracker::record(std::uint64_t number) {
  if (number > last_) {
    if (number > last_ + 1) open_hole(last_ + 1, number - 1);
    last_ = number;
    return Arrival::fresh;
  }
  auto hole = holes_.upper_bound(number);
  if (hole == holes_.begin()) return Arrival::duplicate;
  hole = std::prev(hole);
  const auto [first, last] = *hole;
  if (number > last) return Arrival::duplicate;
  holes_.erase(hole);
  --missing_;
  if (first < number) holes_.emplace(first, number - 1);
  if (number < last) holes_.emplace(number + 1, last);
  return Arrival::fresh;
}

void SequenceTracker::expect_up_to(std::uint64_t number) {
  if (number <= last_) return;
  open_hole(last_ + 1, number);
  last_ = number;
}

void SequenceTracker::resume(std::uint64_t last, std::uint64_t missing) {
  holes_.clear();
  last_ = last;
  missing_ = missing;
  forgot_holes_ = missing != 0;
}

void SequenceTracker::open_hole(std::uint64_t first, std::uint64_t last) {
  missing_ += last - first + 1;
  holes_.emplace(first, last);
  if (holes_.size() > max_open_holes) {
    holes_.erase(holes_.begin());
    forgot_holes_ = true;
  }
}

std::string SequenceTracker::describe_holes(std::size_t most) const {
  if (holes_.empty() && forgot_holes_) return "...";
  std::string text = forgot_holes_ ? "..., " : "";
  std::size_t shown = 0;
  for (const auto& [first, last] : holes_) {
    if (shown == most) return text + ", ...";
    if (shown++ != 0) text += ", ";
    text += first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last);
  }
  return text;
}

}  // namespace daemoneye_agent
