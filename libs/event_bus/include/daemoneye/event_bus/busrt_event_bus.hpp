// An event bus over a BUS/RT broker.
#pragma once

#include <map>
#include <memory>

#include "busrt/rpc.hpp"
#include "daemoneye/event_bus/event_bus.hpp"

namespace daemoneye::event_bus {

class SubscriptionTable;

/// An EventBus over an RPC client; EventBus describes threads and errors. Its executor is the client's.
/// publish() uses QoS processed: it completes when the broker has queued the message for every receiver.
///
/// The owner shares the RPC client, so that it can call and answer methods over the same connection. The bus
/// registers the client's on_frame handler. Make the bus before connecting.
class BusrtEventBus final : public EventBus {
 public:
  explicit BusrtEventBus(std::shared_ptr<busrt::RpcClient> rpc, EventBusConfig config = {});
  ~BusrtEventBus() override;

  /// Connects and restores the subscriptions made so far. Call it again after the connection was lost.
  boost::asio::awaitable<busrt::base::Result<>> connect();

  boost::asio::awaitable<busrt::base::Result<>> publish(std::string topic, std::string payload) override;
  boost::asio::awaitable<busrt::base::Result<SubscriptionId>> subscribe(std::string pattern,
                                                                        EventFilter filter,
                                                                        Handler handler) override;
  boost::asio::awaitable<busrt::base::Result<>> unsubscribe(SubscriptionId id) override;
  [[nodiscard]] BusStatistics statistics() const override;
  /// Shuts down as EventBus::shutdown() and disconnects the client.
  boost::asio::awaitable<busrt::base::Result<>> shutdown(std::chrono::milliseconds drain) override;

 private:
  std::shared_ptr<busrt::RpcClient> rpc_;
  std::shared_ptr<SubscriptionTable> table_;
};

}  // namespace daemoneye::event_bus
