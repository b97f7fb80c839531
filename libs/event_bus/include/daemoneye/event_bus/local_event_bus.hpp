// An event bus in the memory of one process. It serves tests, and parts that must not depend on a broker.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "daemoneye/event_bus/event_bus.hpp"

namespace daemoneye::event_bus {

class SubscriptionTable;

/// An EventBus without broker; EventBus describes threads and errors. Messages of one publisher keep their
/// order.
class LocalEventBus final : public EventBus {
 public:
  explicit LocalEventBus(boost::asio::any_io_executor executor, EventBusConfig config = {});
  ~LocalEventBus() override;

  boost::asio::awaitable<busrt::base::Result<>> publish(std::string topic, std::string payload) override;
  boost::asio::awaitable<busrt::base::Result<SubscriptionId>> subscribe(Subscription subscription,
                                                                        Handler handler) override;
  boost::asio::awaitable<busrt::base::Result<>> unsubscribe(SubscriptionId id) override;
  [[nodiscard]] BusStatistics statistics() const override;
  boost::asio::awaitable<busrt::base::Result<>> shutdown(std::chrono::milliseconds drain) override;

 private:
  std::shared_ptr<SubscriptionTable> table_;
};

}  // namespace daemoneye::event_bus
