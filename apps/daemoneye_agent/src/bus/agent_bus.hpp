// The agent as a client of the bus, whether the broker is embedded or another process.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "busrt/base/task_scope.hpp"
#include "busrt/rpc.hpp"
#include "faults.hpp"
#include "logger.hpp"
#include "supervisor/collector_bus.hpp"

namespace daemoneye_agent {

/// Called on the bus's executor. What a callback throws is noted in the agent's faults.
struct AgentBusCallbacks {
  std::function<void(const busrt::Frame&)> frame;  ///< every publication that the agent subscribed to
  /// The connection has ended; nothing is sure to have arrived since then.
  std::function<void(std::chrono::system_clock::time_point since, const std::string& why)> lost;
  std::function<void()> restored;  ///< there is a connection again, and the subscriptions are back
  /// The broker has closed a slow consumer. Until then it may have blocked any publisher, and its answers.
  std::function<void()> stall_ended;
};

/// The client reconnects by itself. Where a broker refuses it for good (access rules, another program at the
/// address), AgentBus tries again with growing pauses, since the agent is of no use without its bus.
///
/// Thread safety: none; every member runs on one executor that runs one handler at a time.
class AgentBus final : public CollectorBus {
 public:
  AgentBus(boost::asio::any_io_executor executor, busrt::ClientConfig config, AgentBusCallbacks callbacks,
           Faults& faults, Logger log);

  /// Before connect().
  void on(std::string method, busrt::RpcClient::Handler handler);

  /// Connects, and subscribes to `events.*` and `health.*`.
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
  boost::asio::awaitable<void> rejoin();
  boost::asio::awaitable<void> publish(std::string topic, std::string text);
  void take(const busrt::Frame& frame);
  void state_changed(const busrt::ConnectionStatus& status);
  /// Runs a callback.
  template <class Call>
  void guard(std::string_view where, Call&& call);

  std::string address_;
  std::chrono::milliseconds silence_;  ///< after which the client takes the broker for dead
  AgentBusCallbacks callbacks_;
  Faults& faults_;
  Logger log_;
  busrt::RpcClient rpc_;
  boost::asio::steady_timer pause_;
  busrt::base::TaskScope tasks_;
  bool joined_ = false;  ///< connect() has succeeded
  bool lost_ = false;    ///< told of, and not yet restored
  bool rejoining_ = false;
  bool closing_ = false;
};

}  // namespace daemoneye_agent
