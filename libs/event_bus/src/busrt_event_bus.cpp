// The event bus over a broker: the broker routes between processes, the table among this one's subscriptions.

#include "daemoneye/event_bus/busrt_event_bus.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include "subscription_table.hpp"

namespace daemoneye::event_bus {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

/// Takes frames from the client as fast as the subscriptions that wait allow. Where it does not take them,
/// the client's queue fills, and after it the broker's.
class FrameIntake : public std::enable_shared_from_this<FrameIntake> {
 public:
  FrameIntake(std::shared_ptr<busrt::Client> client, std::shared_ptr<SubscriptionTable> table,
              std::function<void(std::string_view)> on_fault)
      : client_(std::move(client)),
        table_(std::move(table)),
        on_fault_(std::move(on_fault)),
        idle_(client_->get_executor(), Clock::time_point::max()) {}

  /// Runs until the client has given up its connection for good, or was closed.
  void start() {
    if (std::exchange(running_, true)) return;
    asio::co_spawn(client_->get_executor(), receive_all(shared_from_this()),
                   [self = shared_from_this()](const std::exception_ptr& fault) {
                     self->running_ = false;
                     self->idle_.cancel();
                     if (fault) self->tell(fault);
                   });
  }

  /// Waits until the table has every frame that the client had received.
  static asio::awaitable<void> wait_idle(std::shared_ptr<FrameIntake> self, Clock::time_point deadline) {
    boost::system::error_code ignored;
    while (self->running_ && Clock::now() < deadline) {
      // Frames may be on their way from the client to receive_all(): that has its turn first.
      co_await asio::post(self->client_->get_executor(), asio::use_awaitable);
      if (!self->in_hand_ && self->client_->stats().queued_frames == 0) co_return;
      self->idle_.expires_at(deadline);
      co_await self->idle_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
  }

 private:
  static asio::awaitable<void> receive_all(std::shared_ptr<FrameIntake> self) {
    for (;;) {
      auto frames = co_await self->client_->receive_some();
      if (!frames) {
        // Unless connect() was quicker than the news of the end of the connection before.
        if (self->client_->connected()) continue;
        self->running_ = false;
        co_return;
      }
      self->in_hand_ = true;
      for (const busrt::Frame& frame : *frames) {
        if (frame.kind() != busrt::FrameKind::publish) continue;
        try {
          co_await take(self, frame);
        } catch (const std::exception&) {
          self->tell(std::current_exception());
        }
      }
      self->in_hand_ = false;
      self->idle_.cancel();
    }
  }

  static asio::awaitable<void> take(std::shared_ptr<FrameIntake> self, const busrt::Frame& frame) {
    BusMessage message;
    message.topic = frame.topic();
    message.sender = frame.sender();
    // A copy: the frame would keep the whole receive buffer alive for as long as a handler is slow.
    message.payload = std::make_shared<const std::string>(frame.text());
    if (co_await SubscriptionTable::wait_room(self->table_, message)) self->table_->dispatch(message);
  }

  void tell(const std::exception_ptr& fault) const {
    if (!on_fault_) return;
    try {
      std::rethrow_exception(fault);
    } catch (const std::exception& thrown) {
      on_fault_(thrown.what());
    }
  }

  std::shared_ptr<busrt::Client> client_;
  std::shared_ptr<SubscriptionTable> table_;
  std::function<void(std::string_view)> on_fault_;
  asio::steady_timer idle_;  ///< cancelled when all that was received has been handed on
  bool running_ = false;
  bool in_hand_ = false;  ///< frames that the client has given and the table does not have yet
};

BusrtEventBus::BusrtEventBus(std::shared_ptr<busrt::Client> client, const EventBusConfig& config)
    : client_(std::move(client)),
      table_(std::make_shared<SubscriptionTable>(client_->get_executor(), config)),
      intake_(std::make_shared<FrameIntake>(client_, table_, config.on_fault)) {}

BusrtEventBus::~BusrtEventBus() {
  table_->end_all(BusLoss::shutdown);
}

asio::awaitable<busrt::base::Result<>> BusrtEventBus::connect() {
  auto connected = co_await client_->connect();
  if (!connected) co_return connected;
  intake_->start();
  const auto patterns = table_->patterns();
  if (patterns.empty()) co_return connected;
  co_return co_await client_->subscribe(patterns);
}

asio::awaitable<busrt::base::Result<>> BusrtEventBus::publish(std::string topic, std::string payload) {
  auto result = table_->check_publish(topic);
  if (result) result = co_await client_->publish(topic, busrt::as_bytes(payload));
  table_->count_publish(result.has_value());
  co_return result;
}

asio::awaitable<busrt::base::Result<SubscriptionId>> BusrtEventBus::subscribe(Subscription subscription,
                                                                              Handler handler) {
  const std::vector<std::string> patterns = subscription.patterns;
  // First the table, so that the first message after the broker's word finds its subscription.
  const auto id = table_->add(std::move(subscription), std::move(handler));
  if (!id) co_return id;
  // connect() subscribes to what the table has.
  if (!client_->connected() && client_->status().state == busrt::ConnectionState::disconnected) co_return id;
  // Also when another subscription has this pattern already: that one's request may still fail.
  auto subscribed = co_await client_->subscribe(patterns);
  if (!subscribed) {
    static_cast<void>(table_->remove(*id));
    co_return std::unexpected(std::move(subscribed.error()));
  }
  co_return id;
}

asio::awaitable<busrt::base::Result<>> BusrtEventBus::unsubscribe(SubscriptionId id) {
  const auto removed = table_->remove(id);
  if (!removed) co_return std::unexpected(removed.error());
  if (removed->empty()) co_return busrt::base::Result<>();
  co_return co_await client_->unsubscribe(*removed);
}

BusStatistics BusrtEventBus::statistics() const {
  return table_->statistics();
}

asio::awaitable<busrt::base::Result<>> BusrtEventBus::shutdown(std::chrono::milliseconds drain) {
  if (!table_->begin_close()) co_return busrt::base::Result<>();
  const auto deadline = Clock::now() + drain;
  const auto patterns = table_->patterns();
  if (!patterns.empty() && client_->connected()) {
    // The acknowledgement comes behind every frame that the broker had queued for us.
    const auto ended = co_await client_->unsubscribe(patterns);
    if (ended) co_await FrameIntake::wait_idle(intake_, deadline);
  }
  co_await SubscriptionTable::finish_close(table_, deadline);
  co_return co_await client_->disconnect(drain);
}

}  // namespace daemoneye::event_bus
