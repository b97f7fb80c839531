// Runs the collectors: carries out what each one's lifecycle decides, with real processes, timers and calls.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "busrt/base/task_scope.hpp"
#include "config/config.hpp"
#include "faults.hpp"
#include "logger.hpp"
#include "supervisor/collector_bus.hpp"
#include "supervisor/lifecycle.hpp"
#include "supervisor/process_host.hpp"

namespace daemoneye_agent {

/// A collector, the command line that starts it, and what it finds on its stdin.
struct Launch {
  CollectorSettings settings;
  std::vector<std::string> argv;
  std::string input{};
};

/// One collector as it is now.
struct CollectorView {
  std::string name;
  CollectorState state = CollectorState::stopped;
  std::optional<std::int64_t> pid;
  std::uint64_t restarts = 0;
  std::optional<std::string> last_exit;
  std::string last_error;         ///< the last one that a process which failed has printed, or empty
  std::string reason;             ///< why it does not run, or empty
  std::chrono::seconds uptime{};  ///< of the process
  boost::json::object health;     ///< its last answer, or empty
  /// It runs and has missed a health check since: its last good answer.
  std::optional<std::chrono::system_clock::time_point> silent_since;
};

/// Called on the supervisor's executor.
struct SupervisorObserver {
  std::function<void(const std::string& collector, const boost::json::object& health)> health;
  std::function<void(const std::string& collector)> running;
  /// It ended without being asked to, or was given up. `since`: when it last looked, as far as is known.
  std::function<void(const std::string& collector, std::chrono::system_clock::time_point since,
                     const std::string& reason)>
      lost;
  /// Its name on the bus is for this process alone: the collector's own while that runs, else the agent's, so
  /// that nobody can speak as a collector. May be empty.
  std::function<void(const std::string& collector, int pid)> owner{};
  /// Its process is gone, asked to or not; before `lost`. May be empty.
  std::function<void(const std::string& collector)> ended{};
};

/// All members are called on one executor that runs one handler at a time; `host`, `bus`, `faults` and
/// the observer's targets outlive it. An exception of the observer or of the bus is noted in `faults` and
/// ends no health check.
class Supervisor {
 public:
  Supervisor(boost::asio::any_io_executor executor, ProcessHost& host, CollectorBus& bus,
             SupervisorObserver observer, Faults& faults, Logger log, std::vector<Launch> launches);
  /// Kills what still runs.
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// Starts every collector, in order, without waiting for them. One that an earlier agent has left running
  /// is taken over. If its command line or settings are no longer those, it is stopped in order and started
  /// anew; if no such collector is wanted, it is stopped.
  void start();
  /// Stops them one by one in reverse order, and completes when the last process is gone and no call to a
  /// collector is pending. Has to be awaited before the supervisor is destroyed.
  boost::asio::awaitable<void> stop();
  /// The bus has ended a slow consumer, so that it held no collector's answers for longer than until now.
  void stall_ended();
  /// Kills what stop() still waits for.
  void hasten();

  [[nodiscard]] std::vector<CollectorView> view() const;

 private:
  class Collector;
  [[nodiscard]] std::shared_ptr<Collector> make_collector(Launch launch);

  boost::asio::any_io_executor executor_;
  ProcessHost& host_;
  CollectorBus& bus_;
  std::shared_ptr<const SupervisorObserver> observer_;
  Faults& faults_;
  Logger log_;
  busrt::base::TaskScope tasks_;  ///< calls to collectors
  std::vector<std::shared_ptr<Collector>> collectors_;
  std::vector<std::shared_ptr<Collector>> unwanted_;  ///< of an earlier agent; they are being stopped
  bool hastened_ = false;
};

/// The collector's program: a path as it is; a bare name beside the agent's own program, then in PATH. An
/// empty `path` means the collector's name. Errors begin with the place and the key: of the path, or of the
/// collector's table (`origin`) where it names no path.
[[nodiscard]] busrt::base::Result<std::string> find_program(const std::string& collector,
                                                            const Setting<std::string>& path,
                                                            const std::string& origin = "default");

}  // namespace daemoneye_agent
