// A broker started from its program for one measurement.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "processes.hpp"

namespace bench {

/// The running program; ended and reaped with the object.
class BrokerProcess {
 public:
  /// Runs `command`, its output going to `log`, and waits until `probe` no longer throws. Throws with the end
  /// of the log where that does not happen.
  BrokerProcess(std::vector<std::string> command, const std::string& log, const std::function<void()>& probe);
  ~BrokerProcess();
  BrokerProcess(const BrokerProcess&) = delete;
  BrokerProcess& operator=(const BrokerProcess&) = delete;

  [[nodiscard]] int pid() const noexcept { return child_->pid(); }

 private:
  std::optional<Child> child_;
};

}  // namespace bench
