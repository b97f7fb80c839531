// The agent: a list of services, brought up in order and taken down in reverse.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "busrt/base/result.hpp"
#include "busrt/base/service_notifier.hpp"
#include "faults.hpp"
#include "logger.hpp"
#include "service.hpp"

namespace daemoneye_agent {

/// All members are called on one executor that runs one handler at a time, from the program's main thread
/// (children end with the thread that started them).
class Agent {
 public:
  /// The agent reports its start, reloads and end to `manager`.
  Agent(boost::asio::any_io_executor executor, Logger log, busrt::base::ServiceNotifier manager);
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  /// Appends a service, before run().
  template <class S>
  S& add(std::unique_ptr<S> service) {
    S& added = *service;
    services_.push_back(std::move(service));
    return added;
  }
  [[nodiscard]] const std::vector<std::unique_ptr<Service>>& services() const noexcept { return services_; }

  /// Brings everything up, waits for request_stop(), takes everything down. An error is the service that
  /// failed; what was up before it has been taken down by then. An exception in a service counts as its
  /// failure.
  boost::asio::awaitable<busrt::base::Result<>> run();

  /// The first call begins the ordered stop; a further one hastens it.
  void request_stop(const std::string& reason);
  [[nodiscard]] bool stopping() const noexcept { return stopping_; }
  /// Every service was started.
  [[nodiscard]] bool ready() const noexcept { return ready_; }

  /// SIGHUP: every service reads its files again; where none has any, it is a request to stop on a terminal.
  void hang_up();

  /// What the services say together (StatusReport). They may be up or not.
  boost::asio::awaitable<boost::json::object> report();

  [[nodiscard]] Faults& faults() noexcept { return faults_; }

 private:
  boost::asio::awaitable<busrt::base::Result<>> up();
  boost::asio::awaitable<void> down();
  void tell_manager(const busrt::base::Result<>& told) const;

  boost::asio::any_io_executor executor_;
  Logger log_;
  busrt::base::ServiceNotifier manager_;
  Faults faults_;
  std::vector<std::unique_ptr<Service>> services_;
  std::size_t started_ = 0;                ///< services that are up
  boost::asio::steady_timer stop_signal_;  ///< never expires; cancelled to wake run()
  bool on_terminal_;                       ///< when it was made
  bool ready_ = false;                     ///< the start is complete
  bool stopping_ = false;
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

}  // namespace daemoneye_agent
