// Equal jitter: half of each wait is certain, so a restart loop can never become a busy one.
#include "supervisor/backoff.hpp"

#include <algorithm>

namespace daemoneye_agent {

Backoff::Backoff(std::chrono::milliseconds initial, std::chrono::milliseconds most) noexcept
    : initial_(initial), most_(most), current_(initial) {}

std::chrono::milliseconds Backoff::next(double random) noexcept {
  const auto whole = std::min(current_, most_);
  current_ = whole >= most_ / 2 ? most_ : whole * 2;
  const auto half = static_cast<double>(whole.count()) / 2;
  const auto wait = static_cast<std::chrono::milliseconds::rep>(half + half * random);
  return std::max(std::chrono::milliseconds(1), std::chrono::milliseconds(wait));
}

bool RestartLimit::allow(Instant now) {
  while (!restarts_.empty() && now - restarts_.front() >= window_) restarts_.pop_front();
  if (restarts_.size() >= most_) return false;
  restarts_.push_back(now);
  return true;
}

}  // namespace daemoneye_agent
