#include "client/reconnect_schedule.hpp"

#include <algorithm>

namespace busrt::detail {

namespace {

/// Refusals that another attempt would only repeat.
bool is_final(const std::error_code& code) noexcept {
  return code == errc::access || code == errc::data || code == errc::not_supported ||
         code == errc::bad_address || code == errc::closed;
}

}  // namespace

ReconnectSchedule::ReconnectSchedule(const ReconnectPolicy& policy, std::chrono::milliseconds stable)
    : policy_(policy), stable_(stable), backoff_(policy.first_delay, policy.most_delay, base::Jitter::full) {}

void ReconnectSchedule::begin(TimePoint now) {
  attempts_ = 0;
  backoff_.reset();
  give_up_at_ = policy_.first_connect.count() > 0 ? now + policy_.first_connect : TimePoint::max();
}

void ReconnectSchedule::connected(TimePoint now) noexcept {
  attempts_ = 0;
  give_up_at_ = TimePoint::max();
  up_since_ = now;
}

void ReconnectSchedule::connection_lost(TimePoint now) noexcept {
  if (up_since_ + stable_ <= now) backoff_.reset();
}

bool ReconnectSchedule::may_retry(const Error& why, TimePoint now, bool was_up, bool needed) const noexcept {
  if (is_final(why.code) || now >= give_up_at_) return false;
  if (!was_up) return policy_.first_connect.count() > 0;
  return needed && policy_.enabled;
}

std::chrono::milliseconds ReconnectSchedule::schedule(TimePoint now, bool was_up, double random) noexcept {
  if (was_up && give_up_at_ == TimePoint::max() && policy_.give_up_after.count() > 0) {
    give_up_at_ = now + policy_.give_up_after;
  }
  const auto delay = backoff_.next(random);
  retry_at_ = now + delay;
  return delay;
}

ReconnectSchedule::TimePoint ReconnectSchedule::next_due() const noexcept {
  return std::min(retry_at_, give_up_at_);
}

ReconnectSchedule::Due ReconnectSchedule::due(TimePoint now) const noexcept {
  if (now >= give_up_at_) return Due::give_up;
  return now >= retry_at_ ? Due::attempt : Due::nothing;
}

}  // namespace busrt::detail
