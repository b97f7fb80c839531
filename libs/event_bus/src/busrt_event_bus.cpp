// The event bus over a broker: the broker routes between processes, the table among this one's subscriptions.

#include "daemoneye/event_bus/busrt_event_bus.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

#include "subscription_table.hpp"

namespace daemoneye::event_bus {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

void take_frame(SubscriptionTable& table, const busrt::Frame& frame) {
  if (frame.kind() != busrt::FrameKind::publish) return;
  BusMessage message;
  message.topic = frame.topic();
  message.sender = frame.sender();
  // A copy: the frame would keep the whole receive buffer alive for as long as a handler is slow.
  message.payload = std::make_shared<const std::string>(frame.text());
  table.dispatch(message);
}

/// Waits until every frame that the broker had queued for us lies in the table. The acknowledgement of the
/// last unsubscription came behind those frames on the same connection, so only the client's own queue is
/// left.
asio::awaitable<void> take_received(std::shared_ptr<busrt::RpcClient> rpc, Clock::time_point deadline) {
  while (rpc->client().stats().queued_frames != 0 && Clock::now() < deadline) {
    co_await asio::post(rpc->client().get_executor(), asio::use_awaitable);
  }
}

}  // namespace

BusrtEventBus::BusrtEventBus(std::shared_ptr<busrt::RpcClient> rpc, EventBusConfig config)
    : rpc_(std::move(rpc)),
      table_(std::make_shared<SubscriptionTable>(rpc_->client().get_executor(), config)) {
  rpc_->on_frame([table = table_](const busrt::Frame& frame) { take_frame(*table, frame); });
}

BusrtEventBus::~BusrtEventBus() {
  table_->end_all(BusLoss::shutdown);
}

asio::awaitable<busrt::base::Result<>> BusrtEventBus::connect() {
  auto connected = co_await rpc_->connect();
  if (!connected) co_return connected;
  const auto patterns = table_->patterns();
  if (patterns.empty()) co_return connected;
  co_return co_await rpc_->client().subscribe(patterns);
}

asio::awaitable<busrt::base::Result<>> BusrtEventBus::publish(std::string topic, std::string payload) {
  auto result = table_->check_publish(topic);
  if (result) result = co_await rpc_->client().publish(topic, busrt::as_bytes(payload));
  table_->count_publish(result.has_value());
  co_return result;
}

asio::awaitable<busrt::base::Result<SubscriptionId>> BusrtEventBus::subscribe(std::string pattern,
                                                                              EventFilter filter,
                                                                              Handler handler) {
  const std::vector<std::string> patterns = {pattern};
  // First the table, so that the first message after the broker's word finds its subscription.
  const auto id = table_->add(std::move(pattern), std::move(filter), std::move(handler));
  if (!id) co_return id;
  // Also when another subscription has this pattern already: that one's request may still fail.
  auto subscribed = co_await rpc_->client().subscribe(patterns);
  if (!subscribed) {
    static_cast<void>(table_->remove(*id));
    co_return std::unexpected(std::move(subscribed.error()));
  }
  co_return id;
}

asio::awaitable<busrt::base::Result<>> BusrtEventBus::unsubscribe(SubscriptionId id) {
  auto removed = table_->remove(id);
  if (!removed) co_return std::unexpected(std::move(removed.error()));
  if (table_->has_pattern(*removed)) co_return busrt::base::Result<>();
  const std::vector<std::string> patterns = {std::move(*removed)};
  co_return co_await rpc_->client().unsubscribe(patterns);
}

BusStatistics BusrtEventBus::statistics() const {
  return table_->statistics();
}

asio::awaitable<busrt::base::Result<>> BusrtEventBus::shutdown(std::chrono::milliseconds drain) {
  if (!table_->begin_close()) co_return busrt::base::Result<>();
  const auto deadline = Clock::now() + drain;
  const auto patterns = table_->patterns();
  if (!patterns.empty() && rpc_->client().connected()) {
    const auto ended = co_await rpc_->client().unsubscribe(patterns);
    if (ended) co_await take_received(rpc_, deadline);
  }
  co_await SubscriptionTable::finish_close(table_, deadline);
  co_return co_await rpc_->client().disconnect(drain);
}

}  // namespace daemoneye::event_bus
