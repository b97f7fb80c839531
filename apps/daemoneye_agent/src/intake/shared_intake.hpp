// The account and what feeds it, for two threads: events come on the data thread; health checks, the ends of
// processes and requests for the status on the control thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "account/account.hpp"
#include "intake/event_intake.hpp"

namespace daemoneye_agent {

/// Thread safety: any thread. No call waits for anything but the bookkeeping of another.
class SharedIntake {
 public:
  using Time = Account::Time;

  /// Account::continue_in(); before anything arrives.
  void continue_in(std::shared_ptr<PositionTable> positions) {
    const std::lock_guard lock(mutex_);
    positions_ = std::move(positions);
    account_.continue_in(*positions_);
  }
  /// EventIntake describes these three.
  void take(std::string_view topic, std::string_view sender, std::string_view payload, Time now) {
    const std::lock_guard lock(mutex_);
    intake_.take(topic, sender, payload, now);
  }
  void health(std::string_view collector, const boost::json::object& health, Time now) {
    const std::lock_guard lock(mutex_);
    intake_.health(collector, health, now);
  }
  void ended(std::string_view collector, Time now) {
    const std::lock_guard lock(mutex_);
    intake_.ended(collector, now);
  }
  /// Account describes these two.
  void sight_lost(std::string_view collector, Time since, std::string reason) {
    const std::lock_guard lock(mutex_);
    account_.sight_lost(collector, since, std::move(reason));
  }
  void sight_restored(std::string_view collector, Time now) {
    const std::lock_guard lock(mutex_);
    account_.sight_restored(collector, now);
  }

  /// Returns what `use` returns for the account, which does not change meanwhile. `use` must not keep it.
  template <class Use>
  auto read(Use&& use) const {
    const std::lock_guard lock(mutex_);
    return use(std::as_const(account_));
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<PositionTable> positions_;  ///< null: none are kept
  Account account_;
  EventIntake intake_{account_};
};

}  // namespace daemoneye_agent
