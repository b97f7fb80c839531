// One collector's life as a pure state machine: what happened goes in, what to do comes out.
//
// It sees no process, no bus and no clock. The Supervisor feeds it and carries out its actions in order.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "busrt/base/backoff.hpp"
#include "config/config.hpp"
#include "supervisor/restart_limit.hpp"

namespace daemoneye_agent {

enum class CollectorState : std::uint8_t {
  stopped,   ///< not started, or stopped on purpose
  starting,  ///< the process runs; it has not answered a health check yet
  running,   ///< answers health checks
  backoff,   ///< died; waits for its next start
  stopping,  ///< was asked to stop
  failed,    ///< given up: no further restart
};
[[nodiscard]] std::string_view to_string(CollectorState state) noexcept;

/// How a process ended.
struct ExitStatus {
  bool by_signal = false;
  int value = 0;  ///< exit code, or signal number

  /// "exit code 1", "signal 9 (Killed)".
  [[nodiscard]] std::string describe() const;
};

namespace action {
struct Spawn {};
struct CheckHealth {};   ///< health_check RPC, bounded by its configured timeout
struct CallShutdown {};  ///< shutdown RPC
struct Terminate {};     ///< SIGTERM
struct Kill {};          ///< SIGKILL
/// `control.collector.<what>` with the reason, and a line in the log.
struct Announce {
  std::string_view what;
  std::string reason;
};
/// Something that a person must see: `alerts.critical` and an error in the log.
struct Alert {
  std::string reason;
};
}  // namespace action
using Action = std::variant<action::Spawn, action::CheckHealth, action::CallShutdown, action::Terminate,
                            action::Kill, action::Announce, action::Alert>;
using Actions = std::vector<Action>;

/// Every member that takes `now` may change the state and returns what to do, in order. Times never go
/// backwards.
class CollectorLifecycle {
 public:
  explicit CollectorLifecycle(const CollectorSettings& settings);

  [[nodiscard]] Actions start(Instant now);
  [[nodiscard]] Actions spawned(std::int64_t pid, Instant now);
  [[nodiscard]] Actions spawn_failed(const std::string& why, Instant now, double random);
  /// An earlier agent has started the process, at `started`. It counts as starting until it answers.
  [[nodiscard]] Actions adopted(std::int64_t pid, Instant started, Instant now);
  [[nodiscard]] Actions health_answered(Instant now);
  /// `why`: the sentence of the failed call.
  [[nodiscard]] Actions health_missed(const std::string& why, Instant now);
  /// The bus may have held the collector until now: its silence counts from here. Several slow readers can
  /// hold it one after the other.
  void stall_ended(Instant now) noexcept;
  /// `random` in [0, 1) spreads restarts; `last_error` is the last error that the process printed, if any.
  /// One that refuses its command line or settings (exit code 2 before it has come up) is not started again.
  [[nodiscard]] Actions exited(ExitStatus status, Instant now, double random,
                               std::string_view last_error = {});
  [[nodiscard]] Actions stop(Instant now);
  /// The shutdown RPC did not get through, so there is nothing to wait for.
  [[nodiscard]] Actions shutdown_refused(Instant now);
  /// Somebody is impatient: no further grace.
  [[nodiscard]] Actions hasten();
  /// A time that deadline() named has come.
  [[nodiscard]] Actions tick(Instant now);
  /// When tick() is due next, if ever.
  [[nodiscard]] std::optional<Instant> deadline() const;

  [[nodiscard]] CollectorState state() const noexcept { return state_; }
  /// No process and none to come: stopped or failed.
  [[nodiscard]] bool settled() const noexcept {
    return state_ == CollectorState::stopped || state_ == CollectorState::failed;
  }
  [[nodiscard]] std::optional<std::int64_t> pid() const noexcept { return pid_; }
  [[nodiscard]] std::uint64_t restarts() const noexcept { return restarts_; }
  [[nodiscard]] std::optional<ExitStatus> last_exit() const noexcept { return last_exit_; }
  /// Why it is not running, or empty.
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }
  [[nodiscard]] std::optional<Instant> started_at() const noexcept { return started_at_; }
  /// The last good answer of a process that has missed a check since; empty while it answers or is not up.
  [[nodiscard]] std::optional<Instant> silent_since() const noexcept {
    return missed_ == 0 ? std::nullopt : last_answer_;
  }
  /// Since when nobody looks, from the moment a process is gone: its end, or, when it had been silent before,
  /// its last good answer. Empty before the first end.
  [[nodiscard]] std::optional<Instant> blind_since() const noexcept { return blind_since_; }

 private:
  [[nodiscard]] Actions died(const std::string& how, Instant now, double random);
  /// Books the end of a process that was not asked to end.
  void forget_dead(const std::string& how, Instant now);
  [[nodiscard]] Actions give_up(const std::string& how, std::string reason);
  void forget_process();
  /// Its first events may already be held up by a slow reader, and its first answer behind them.
  [[nodiscard]] std::chrono::milliseconds start_patience() const noexcept;

  CollectorSettings settings_;
  busrt::base::Backoff backoff_;
  RestartLimit limit_;
  CollectorState state_ = CollectorState::stopped;
  std::optional<std::int64_t> pid_;
  std::optional<Instant> started_at_;
  std::optional<Instant> running_since_;
  std::optional<Instant> last_answer_;  ///< of this process to a health check
  std::optional<Instant> stall_ended_;  ///< the bus may have held this process until then
  std::optional<Instant> blind_since_;
  std::optional<Instant> start_deadline_;
  std::optional<Instant> next_check_;  ///< empty while a check is under way
  std::optional<Instant> restart_at_;
  std::optional<Instant> terminate_at_;
  std::optional<Instant> kill_at_;
  std::optional<ExitStatus> last_exit_;
  std::uint64_t restarts_ = 0;
  std::uint64_t missed_ = 0;
  std::string reason_;
  std::string kill_reason_;  ///< why the agent itself is killing the process, else empty
};

}  // namespace daemoneye_agent
