// The transitions. A process that is being killed stays in its state until its exit is seen: only the
// kernel's word that it is gone lets a new one start.
#include "supervisor/lifecycle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace daemoneye_agent {
namespace {

using namespace std::chrono_literals;

/// A starting collector is asked often, so that start-up is as quick as the collector; a refused name costs
/// microseconds.
constexpr std::chrono::milliseconds start_check_interval = 50ms;

/// A collector's exit code for a command line or settings that it refuses
/// (daemoneye/collector/collector_main.hpp).
constexpr int exit_usage = 2;

}  // namespace

std::string_view to_string(CollectorState state) noexcept {
  switch (state) {
    case CollectorState::stopped:
      return "stopped";
    case CollectorState::starting:
      return "starting";
    case CollectorState::running:
      return "running";
    case CollectorState::backoff:
      return "backoff";
    case CollectorState::stopping:
      return "stopping";
    case CollectorState::failed:
      return "failed";
  }
  return "unknown";
}

std::string ExitStatus::describe() const {
  if (by_signal) return fmt::format("signal {} ({})", value, strsignal(value));
  return fmt::format("exit code {}", value);
}

CollectorLifecycle::CollectorLifecycle(const CollectorSettings& settings)
    : settings_(settings),
      backoff_(settings.restart.initial_backoff.value, settings.restart.max_backoff.value,
               busrt::base::Jitter::equal),
      limit_(settings.restart.max_restarts.value, settings.restart.window.value) {}

std::chrono::milliseconds CollectorLifecycle::start_patience() const noexcept {
  return std::max(settings_.start_timeout.value, settings_.bus_patience);
}

Actions CollectorLifecycle::start(Instant now) {
  if (!settled()) return {};
  state_ = CollectorState::starting;
  reason_.clear();
  kill_reason_.clear();
  start_deadline_ = now + start_patience();
  return {action::Spawn{}};
}

Actions CollectorLifecycle::spawned(std::int64_t pid, Instant now) {
  pid_ = pid;
  started_at_ = now;
  missed_ = 0;
  next_check_ = now + start_check_interval;
  return {action::Announce{"started", {}}};
}

Actions CollectorLifecycle::spawn_failed(const std::string& why, Instant now, double random) {
  return died("could not be started: " + why, now, random);
}

Actions CollectorLifecycle::adopted(std::int64_t pid, Instant started, Instant now) {
  if (!settled()) return {};
  state_ = CollectorState::starting;
  reason_.clear();
  kill_reason_.clear();
  pid_ = pid;
  started_at_ = std::min(started, now);
  missed_ = 0;
  start_deadline_ = now + start_patience();
  next_check_ = now + start_check_interval;
  return {action::Announce{"adopted", "an earlier agent has started it"}};
}

Actions CollectorLifecycle::health_answered(Instant now) {
  if (!pid_ || !kill_reason_.empty()) return {};
  missed_ = 0;
  if (state_ != CollectorState::starting && state_ != CollectorState::running) return {};
  next_check_ = now + settings_.health.interval.value;
  last_answer_ = now;
  if (state_ == CollectorState::running) return {};
  state_ = CollectorState::running;
  running_since_ = now;
  start_deadline_.reset();
  return {action::Announce{"registered", {}}};
}

Actions CollectorLifecycle::health_missed(const std::string& why, Instant now) {
  if (!pid_ || !kill_reason_.empty()) return {};
  if (state_ == CollectorState::starting) {
    next_check_ = now + start_check_interval;
    return {};
  }
  if (state_ != CollectorState::running) return {};
  next_check_ = now + settings_.health.interval.value;
  ++missed_;
  const auto silence = now - std::max(last_answer_.value_or(now), stall_ended_.value_or(Instant::min()));
  if (missed_ < settings_.health.max_missed.value || silence < settings_.bus_patience) return {};
  next_check_.reset();
  kill_reason_ = fmt::format("did not answer {} health checks in a row: {}", missed_, why);
  return {action::Announce{"unresponsive", kill_reason_}, action::Kill{}};
}

void CollectorLifecycle::stall_ended(Instant now) noexcept {
  stall_ended_ = now;
  if (start_deadline_) start_deadline_ = std::max(*start_deadline_, now + settings_.bus_patience);
}

Actions CollectorLifecycle::exited(ExitStatus status, Instant now, double random,
                                   std::string_view last_error) {
  last_exit_ = status;
  if (state_ == CollectorState::stopping) {
    const std::string how = kill_reason_.empty() ? status.describe() : kill_reason_;
    forget_process();
    state_ = CollectorState::stopped;
    return {action::Announce{"stopped", how}};
  }
  std::string how = kill_reason_.empty() ? "ended with " + status.describe() : kill_reason_;
  if (!last_error.empty()) how += fmt::format("; its last error: {}", last_error);
  const bool refused = state_ == CollectorState::starting && kill_reason_.empty() && !status.by_signal &&
                       status.value == exit_usage;
  if (!refused) return died(how, now, random);
  forget_dead(how, now);
  return give_up(
      how,
      "given up: it refuses its command line or settings; correct them and start the agent again; " + how);
}

void CollectorLifecycle::forget_dead(const std::string& how, Instant now) {
  // One that was hung looked at nothing since its last answer, however long it took to end. One that never
  // came up has never looked.
  blind_since_ = silent_since().value_or(last_answer_ || !started_at_ ? now : *started_at_);
  forget_process();
  reason_ = how;
}

Actions CollectorLifecycle::give_up(const std::string& how, std::string reason) {
  state_ = CollectorState::failed;
  reason_ = std::move(reason);
  return {action::Announce{"exited", how}, action::Announce{"failed", reason_}, action::Alert{reason_}};
}

Actions CollectorLifecycle::died(const std::string& how, Instant now, double random) {
  const bool was_stable = running_since_ && now - *running_since_ >= settings_.restart.stable.value;
  if (was_stable) backoff_.reset();
  forget_dead(how, now);
  if (!limit_.allow(now)) {
    return give_up(how, fmt::format("given up: more than {} restarts within {} s; last: {}", limit_.most(),
                                    limit_.window().count(), how));
  }
  state_ = CollectorState::backoff;
  const auto wait = backoff_.next(random);
  restart_at_ = now + wait;
  return {action::Announce{"exited", how},
          action::Announce{"restarting", fmt::format("starts again in {} ms", wait.count())}};
}

void CollectorLifecycle::forget_process() {
  pid_.reset();
  started_at_.reset();
  running_since_.reset();
  last_answer_.reset();
  stall_ended_.reset();
  start_deadline_.reset();
  next_check_.reset();
  restart_at_.reset();
  terminate_at_.reset();
  kill_at_.reset();
  kill_reason_.clear();
  missed_ = 0;
}

Actions CollectorLifecycle::stop(Instant now) {
  if (state_ == CollectorState::stopping || settled()) return {};
  if (!pid_) {
    forget_process();
    state_ = CollectorState::stopped;
    return {action::Announce{"stopped", "was not running"}};
  }
  const bool can_answer = state_ == CollectorState::running && kill_reason_.empty();
  state_ = CollectorState::stopping;
  next_check_.reset();
  start_deadline_.reset();
  kill_at_ = now + settings_.grace_period.value;
  if (!can_answer) return {action::Terminate{}};
  terminate_at_ = now + settings_.grace_period.value / 2;
  return {action::CallShutdown{}};
}

Actions CollectorLifecycle::shutdown_refused(Instant now) {
  if (state_ != CollectorState::stopping || !terminate_at_) return {};
  terminate_at_ = now;
  return tick(now);
}

Actions CollectorLifecycle::hasten() {
  if (state_ != CollectorState::stopping || !pid_) return {};
  terminate_at_.reset();
  kill_at_.reset();
  kill_reason_ = "killed: a second signal cut its grace period short";
  return {action::Kill{}};
}

Actions CollectorLifecycle::tick(Instant now) {
  const auto due = [now](const std::optional<Instant>& time) { return time && *time <= now; };
  if (due(restart_at_)) {
    restart_at_.reset();
    ++restarts_;
    state_ = CollectorState::starting;
    start_deadline_ = now + start_patience();
    return {action::Spawn{}};
  }
  if (due(kill_at_)) {
    kill_at_.reset();
    terminate_at_.reset();
    kill_reason_ = fmt::format("killed: still there after its grace period of {} ms",
                               settings_.grace_period.value.count());
    return {action::Kill{}};
  }
  if (due(terminate_at_)) {
    terminate_at_.reset();
    return {action::Terminate{}};
  }
  if (due(start_deadline_)) {
    start_deadline_.reset();
    next_check_.reset();
    kill_reason_ = fmt::format("did not come up on the bus within {} ms", start_patience().count());
    return {action::Announce{"unresponsive", kill_reason_}, action::Kill{}};
  }
  if (due(next_check_)) {
    next_check_.reset();
    return {action::CheckHealth{}};
  }
  return {};
}

std::optional<Instant> CollectorLifecycle::deadline() const {
  std::optional<Instant> first;
  for (const auto& time : {start_deadline_, next_check_, restart_at_, terminate_at_, kill_at_}) {
    if (time && (!first || *time < *first)) first = time;
  }
  return first;
}

}  // namespace daemoneye_agent
