// One part of the agent. The agent is a list of services; main makes it (services.hpp).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string_view>

#include "busrt/base/result.hpp"
#include "daemoneye/rpc_service/method_table.hpp"

namespace daemoneye_agent {

class StatusReport;

/// The agent brings services up in the order of its list, and takes them down in reverse. A service outlives
/// the coroutines that it has started. Every member runs on the agent's control thread.
class Service {
 public:
  Service() = default;
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  virtual ~Service() = default;

  /// For the log and for errors, such as "state directory".
  [[nodiscard]] virtual std::string_view name() const = 0;

  /// An error ends the agent's start; the service then leaves nothing behind.
  virtual boost::asio::awaitable<busrt::base::Result<>> start() = 0;
  /// The agent is to stop: a start() that is under way ends soon, with any result.
  virtual void abandon_start() {}
  /// Undoes start(), also one that was abandoned and has failed. Past `deadline` the agent calls hasten().
  virtual boost::asio::awaitable<void> stop(std::chrono::steady_clock::time_point deadline) = 0;
  /// Makes stop() end as soon as it can, without grace for anything. For a second request to stop, and past
  /// the deadline.
  virtual void hasten() {}
  /// The most time that an ordered stop() takes.
  [[nodiscard]] virtual std::chrono::milliseconds stop_time() const { return std::chrono::seconds(5); }

  /// Adds its RPC methods. Called once, before any service is started. Handlers run on the control thread.
  virtual void serve(daemoneye::rpc_service::MethodTable& methods) { static_cast<void>(methods); }
  /// Adds its section and its complaints. Also called between start() and stop() of other services.
  virtual boost::asio::awaitable<void> report(StatusReport& report) {
    static_cast<void>(report);
    co_return;
  }

  /// Whether it has files that reload() reads again.
  [[nodiscard]] virtual bool has_files() const { return false; }
  /// Reads its files again. After a mistake the earlier contents stay in force, and the log says why.
  virtual void reload() {}
};

}  // namespace daemoneye_agent
