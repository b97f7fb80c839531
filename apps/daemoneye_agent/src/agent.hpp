// The agent: lock, broker, bus, account and supervisor, brought up step by step and taken down in reverse.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "busrt/base/result.hpp"
#include "busrt/base/service_notifier.hpp"
#include "config/config.hpp"
#include "logger.hpp"

namespace daemoneye_agent {

/// All members are called on one executor that runs one handler at a time, from the program's main thread
/// (children end with the thread that started them).
class Agent {
 public:
  /// The agent reports its start, reloads and end to `service`.
  Agent(boost::asio::any_io_executor executor, Config config, Logger log,
        busrt::base::ServiceNotifier service);
  ~Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  /// Brings everything up, waits for request_stop(), takes everything down. An error is the step that failed;
  /// what was up before it has been taken down by then.
  boost::asio::awaitable<busrt::base::Result<>> run();

  /// The first call begins the ordered stop; a further one kills the collectors that are still there.
  void request_stop(const std::string& reason);

  /// SIGHUP: reads access rules and certificates again; where the settings name none, it is a request to
  /// stop.
  void hang_up();

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace daemoneye_agent
