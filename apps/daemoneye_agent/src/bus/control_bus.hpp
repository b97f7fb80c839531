// The control connection: the agent's RPC methods, its calls to collectors, and what it announces.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>

#include "bus/bus_link.hpp"
#include "busrt/base/task_scope.hpp"
#include "busrt/rpc.hpp"
#include "daemoneye/rpc_service/method_table.hpp"
#include "faults.hpp"
#include "logger.hpp"
#include "supervisor/collector_bus.hpp"

namespace daemoneye_agent {

/// Events travel on a connection of their own (intake/intake_service.hpp), so that a slow store never makes a
/// health check late.
///
/// Thread safety: none; every member runs on one executor that runs one handler at a time.
class ControlBus final : public CollectorBus {
 public:
  struct Callbacks {
    /// The broker has closed a slow consumer. Until then it may have blocked any publisher, and its answers.
    std::function<void()> stall_ended;
  };

  ControlBus(boost::asio::any_io_executor executor, busrt::ClientConfig config, Callbacks callbacks,
             Faults& faults, Logger log);

  /// Before connect().
  void serve(const daemoneye::rpc_service::MethodTable& methods) { methods.serve(rpc_); }

  boost::asio::awaitable<busrt::base::Result<>> connect();
  /// Ends a connect() that is under way, at once, with an error. For a stop: nothing reconnects afterwards.
  void abandon();
  /// Has to be awaited before destruction where connect() has succeeded.
  boost::asio::awaitable<void> disconnect();

  boost::asio::awaitable<busrt::base::Result<boost::json::object>> call(
      std::string collector, std::string method, std::chrono::milliseconds timeout) override;
  void announce(std::string topic, boost::json::object message) override;

  /// Asks the broker itself, which answers in MessagePack.
  boost::asio::awaitable<busrt::base::Result<boost::json::object>> ask_broker(std::string method);

 private:
  boost::asio::awaitable<busrt::base::Result<>> open();
  boost::asio::awaitable<void> publish(std::string topic, std::string text);
  void take(const busrt::Frame& frame);

  std::string peer_;
  Callbacks callbacks_;
  Faults& faults_;
  Logger log_;
  busrt::RpcClient rpc_;
  BusLink link_;
  busrt::base::TaskScope tasks_;
};

}  // namespace daemoneye_agent
