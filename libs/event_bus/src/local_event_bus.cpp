// The event bus of one process: publishing is dispatching.

#include "daemoneye/event_bus/local_event_bus.hpp"

#include <memory>
#include <utility>

#include "busrt/error.hpp"
#include "subscription_table.hpp"

namespace daemoneye::event_bus {

namespace asio = boost::asio;

LocalEventBus::LocalEventBus(asio::any_io_executor executor, EventBusConfig config)
    : table_(std::make_shared<SubscriptionTable>(std::move(executor), config)) {}

LocalEventBus::~LocalEventBus() {
  table_->end_all(BusLoss::shutdown);
}

asio::awaitable<busrt::base::Result<>> LocalEventBus::publish(std::string topic, std::string payload) {
  const auto table = table_;
  auto checked = table->check_publish(topic);
  if (checked) {
    BusMessage message;
    message.topic = std::move(topic);
    message.payload = std::make_shared<const std::string>(std::move(payload));
    if (co_await SubscriptionTable::wait_room(table, message)) {
      table->dispatch(message);
    } else {
      checked = busrt::base::fail(busrt::errc::closed, "the event bus was shut down");
    }
  }
  table->count_publish(checked.has_value());
  co_return checked;
}

asio::awaitable<busrt::base::Result<SubscriptionId>> LocalEventBus::subscribe(Subscription subscription,
                                                                              Handler handler) {
  co_return table_->add(std::move(subscription), std::move(handler));
}

asio::awaitable<busrt::base::Result<>> LocalEventBus::unsubscribe(SubscriptionId id) {
  auto removed = table_->remove(id);
  if (!removed) co_return std::unexpected(std::move(removed.error()));
  co_return busrt::base::Result<>();
}

BusStatistics LocalEventBus::statistics() const {
  return table_->statistics();
}

asio::awaitable<busrt::base::Result<>> LocalEventBus::shutdown(std::chrono::milliseconds drain) {
  if (table_->begin_close()) {
    co_await SubscriptionTable::finish_close(table_, std::chrono::steady_clock::now() + drain);
  }
  co_return busrt::base::Result<>();
}

}  // namespace daemoneye::event_bus
