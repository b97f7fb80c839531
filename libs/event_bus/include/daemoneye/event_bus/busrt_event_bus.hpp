// An event bus over a BUS/RT broker.
#pragma once

#include <memory>

#include "busrt/client.hpp"
#include "daemoneye/event_bus/event_bus.hpp"

namespace daemoneye::event_bus {

class SubscriptionTable;

class FrameIntake;

/// An EventBus over a client of the bus; EventBus describes threads and errors. Its executor is the client's.
/// publish() uses QoS processed: it completes when the broker has queued the message for every receiver.
///
/// The owner shares the client, for its status. Nobody else receives from it.
class BusrtEventBus final : public EventBus {
 public:
  explicit BusrtEventBus(std::shared_ptr<busrt::Client> client, const EventBusConfig& config = {});
  ~BusrtEventBus() override;

  /// Connects and restores the subscriptions made so far, those too that were made before. The client
  /// reconnects and restores them by itself; where it has given up, call it again.
  boost::asio::awaitable<busrt::base::Result<>> connect();

  boost::asio::awaitable<busrt::base::Result<>> publish(std::string topic, std::string payload) override;
  boost::asio::awaitable<busrt::base::Result<SubscriptionId>> subscribe(Subscription subscription,
                                                                        Handler handler) override;
  boost::asio::awaitable<busrt::base::Result<>> unsubscribe(SubscriptionId id) override;
  [[nodiscard]] BusStatistics statistics() const override;
  /// Shuts down as EventBus::shutdown() and disconnects the client.
  boost::asio::awaitable<busrt::base::Result<>> shutdown(std::chrono::milliseconds drain) override;

 private:
  std::shared_ptr<busrt::Client> client_;
  std::shared_ptr<SubscriptionTable> table_;
  std::shared_ptr<FrameIntake> intake_;
};

}  // namespace daemoneye::event_bus
