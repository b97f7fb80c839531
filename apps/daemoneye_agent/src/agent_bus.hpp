// The agent as a client of the bus, be the broker embedded or somebody else's.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "busrt/rpc.hpp"
#include "logger.hpp"
#include "supervisor/collector_bus.hpp"

namespace daemoneye_agent {

/// The agent's name on the bus.
inline constexpr std::string_view agent_name = "daemoneye-agent";

struct AgentBusCallbacks {
  std::function<void(const busrt::Frame&)> frame;  ///< every publication that the agent subscribed to
  /// The connection ended, at some time after `since`.
  std::function<void(std::chrono::system_clock::time_point since, const std::string& why)> lost;
  std::function<void()> restored;
  /// The broker has ended a slow consumer. Until then it may have held any publisher, and its answers.
  std::function<void()> stall_ended;
};

/// All members are called on one executor that runs one handler at a time.
class AgentBus final : public CollectorBus {
 public:
  AgentBus(boost::asio::any_io_executor executor, busrt::ClientConfig config, AgentBusCallbacks callbacks,
           Logger log);

  /// Before connect().
  void on(std::string method, busrt::RpcClient::Handler handler);

  /// Connects, subscribes to `events.*` and `health.*`, and from then on reconnects when the connection ends.
  boost::asio::awaitable<busrt::base::Result<>> connect();
  /// Ends a connect() that is under way, at once, with an error. For a stop: nothing reconnects afterwards.
  void abandon();
  boost::asio::awaitable<void> disconnect();

  boost::asio::awaitable<busrt::base::Result<boost::json::object>> call(
      std::string collector, std::string method, std::chrono::milliseconds timeout) override;
  void announce(std::string topic, boost::json::object message) override;

  /// Asks the broker itself, which answers in MessagePack.
  boost::asio::awaitable<busrt::base::Result<boost::json::object>> ask_broker(std::string method);

  [[nodiscard]] bool connected() const { return core_->rpc.client().connected(); }

 private:
  /// Shared with the coroutine that watches the connection.
  struct Core {
    Core(boost::asio::any_io_executor executor_in, busrt::ClientConfig config, AgentBusCallbacks callbacks_in,
         Logger log_in);
    boost::asio::awaitable<busrt::base::Result<>> open();
    static boost::asio::awaitable<void> keep_open(std::shared_ptr<Core> self);

    boost::asio::any_io_executor executor;
    std::string address;
    busrt::RpcClient rpc;
    AgentBusCallbacks callbacks;
    Logger log;
    boost::asio::steady_timer pause;
    bool closing = false;
  };
  std::shared_ptr<Core> core_;
};

}  // namespace daemoneye_agent
