// The data connection: every event and every health record, in the order of the bus, to one consumer.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>

#include "bus/bus_link.hpp"
#include "busrt/client.hpp"
#include "daemoneye/event_bus/busrt_event_bus.hpp"
#include "faults.hpp"
#include "logger.hpp"

namespace daemoneye_agent {

/// Called on the connection's executor. What a callback throws is noted in the agent's faults.
struct DataBusCallbacks {
  std::function<void(const daemoneye::event_bus::BusMessage&)> message;
  /// The connection has ended; nothing is sure to have arrived since then.
  std::function<void(std::chrono::system_clock::time_point since, const std::string& why)> lost;
  std::function<void()> restored;  ///< there is a connection again, and the subscriptions are back
};

/// A subscription that waits: while the consumer is slow, the bus takes no more frames, the broker's queue
/// fills, and the broker blocks the collectors. Nothing is dropped.
///
/// Thread safety: none; every member runs on one executor that runs one handler at a time. The destructor
/// runs when that executor runs no more.
class DataBus {
 public:
  DataBus(const boost::asio::any_io_executor& executor, const busrt::ClientConfig& config,
          DataBusCallbacks callbacks, Faults& faults, Logger log);

  boost::asio::awaitable<busrt::base::Result<>> connect();
  /// Ends a connect() that is under way, at once, with an error. For a stop: nothing reconnects afterwards.
  void abandon();
  /// Takes what the broker still has for the agent, for at most `drain`, and ends. Has to be awaited before
  /// destruction where connect() was called.
  boost::asio::awaitable<void> disconnect(std::chrono::milliseconds drain);

  [[nodiscard]] daemoneye::event_bus::BusStatistics statistics() const { return bus_.statistics(); }

 private:
  boost::asio::awaitable<busrt::base::Result<>> open();
  boost::asio::awaitable<void> take(daemoneye::event_bus::BusMessage message);

  std::string peer_;
  DataBusCallbacks callbacks_;
  Faults& faults_;
  std::shared_ptr<busrt::Client> client_;
  daemoneye::event_bus::BusrtEventBus bus_;
  BusLink link_;
  bool subscribed_ = false;
};

}  // namespace daemoneye_agent
