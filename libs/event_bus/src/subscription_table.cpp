// Dispatch, queues and pumps of an event bus.

#include "subscription_table.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "busrt/error.hpp"
#include "busrt/topic_pattern.hpp"
#include "daemoneye/events/topics.hpp"

namespace daemoneye::event_bus {

namespace asio = boost::asio;

SubscriptionTable::SubscriptionTable(asio::any_io_executor executor, EventBusConfig config)
    : executor_(std::move(executor)), config_(config), idle_(executor_) {}

busrt::base::Result<> SubscriptionTable::check_publish(std::string_view topic) const {
  if (closing_) return busrt::base::fail(busrt::errc::closed, "the event bus was shut down");
  if (topic.empty()) return busrt::base::fail(busrt::errc::data, "topic: empty");
  if (const char* const problem = busrt::topic_problem(topic); problem != nullptr) {
    return busrt::base::fail(busrt::errc::data, std::string("topic: ") + problem);
  }
  return {};
}

busrt::base::Result<SubscriptionId> SubscriptionTable::add(std::string pattern, EventFilter filter,
                                                           EventBus::Handler handler) {
  if (closing_) return busrt::base::fail(busrt::errc::closed, "the event bus was shut down");
  if (pattern.empty()) return busrt::base::fail(busrt::errc::data, "pattern: empty");
  if (const char* const problem = busrt::topic_pattern_problem(pattern); problem != nullptr) {
    return busrt::base::fail(busrt::errc::data, std::string("pattern: ") + problem);
  }
  const SubscriptionId id = ++last_id_;
  auto subscription = std::make_shared<Subscription>();
  subscription->pattern = std::move(pattern);
  subscription->filter = std::move(filter);
  subscription->handler = std::move(handler);
  subscriptions_.emplace(id, std::move(subscription));
  return id;
}

busrt::base::Result<std::string> SubscriptionTable::remove(SubscriptionId id) {
  if (closing_) return busrt::base::fail(busrt::errc::closed, "the event bus was shut down");
  const auto found = subscriptions_.find(id);
  if (found == subscriptions_.end()) {
    return busrt::base::fail(busrt::errc::not_registered, "no subscription " + std::to_string(id));
  }
  const auto subscription = std::move(found->second);
  subscriptions_.erase(found);
  end(*subscription, BusLoss::unsubscribed);
  return subscription->pattern;
}

bool SubscriptionTable::has_pattern(std::string_view pattern) const {
  return std::any_of(subscriptions_.begin(), subscriptions_.end(),
                     [pattern](const auto& entry) { return entry.second->pattern == pattern; });
}

std::vector<std::string> SubscriptionTable::patterns() const {
  std::vector<std::string> all;
  for (const auto& [id, subscription] : subscriptions_) all.push_back(subscription->pattern);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

void SubscriptionTable::dispatch(const BusMessage& message) {
  BusMessage decoded = message;
  bool tried = false;
  std::vector<SubscriptionPtr> idle;
  for (const auto& [id, subscription] : subscriptions_) {
    if (!busrt::topic_matches(subscription->pattern, message.topic)) continue;
    ++statistics_.matched;
    if (!subscription->filter.empty() && !tried) {
      tried = true;
      if (auto event = events::decode_event(*message.payload)) {
        decoded.event = std::make_shared<const events::Event>(std::move(*event));
      }
    }
    const bool filters = !subscription->filter.empty();
    const bool decodable = !filters || decoded.event != nullptr;
    if (enqueue(*subscription, filters ? decoded : message, decodable) && !subscription->running) {
      subscription->running = true;
      idle.push_back(subscription);
    }
  }
  // Only now, so that no handler can change the map under the loop.
  for (auto& subscription : idle) start_pump(subscription);
}

void SubscriptionTable::start_pump(const SubscriptionPtr& subscription) {
  try {
    asio::co_spawn(executor_, pump(shared_from_this(), subscription),
                   [self = shared_from_this(), subscription](const std::exception_ptr& fault) {
                     if (fault) self->fail(*subscription);
                   });
  } catch (const std::exception&) {
    fail(*subscription);
  }
}

/// The pump ended by an exception of its own, such as a want of memory: what was queued is lost, the next
/// message starts another one.
void SubscriptionTable::fail(Subscription& subscription) {
  subscription.running = false;
  end(subscription, BusLoss::handler_failed);
  if (statistics_.queued == 0) idle_.cancel();
}

bool SubscriptionTable::enqueue(Subscription& subscription, const BusMessage& message, bool decodable) {
  if (!decodable) {
    // Only what an event topic promises can be missing; the broker's own `.broker/warn` comes to everybody.
    if (message.topic.starts_with(events::topics::events)) {
      lose(subscription, BusLoss::undecodable, 1);
    } else {
      ++statistics_.filtered;
    }
    return false;
  }
  if (message.event != nullptr && !subscription.filter.matches(*message.event)) {
    ++statistics_.filtered;
    return false;
  }
  const std::size_t bytes = message.topic.size() + message.payload->size();
  if (subscription.queue.size() >= config_.queue_frames ||
      subscription.queued_bytes + bytes > config_.queue_bytes) {
    lose(subscription, BusLoss::queue_full, 1);
    return false;
  }
  subscription.queue.push_back(message);
  subscription.queue.back().lost_before = std::exchange(subscription.lost_since, 0);
  subscription.queued_bytes += bytes;
  ++statistics_.queued;
  return true;
}

asio::awaitable<void> SubscriptionTable::pump(std::shared_ptr<SubscriptionTable> self,
                                              SubscriptionPtr subscription) {
  while (!subscription->queue.empty()) {
    BusMessage message = std::move(subscription->queue.front());
    subscription->queue.pop_front();
    subscription->queued_bytes -= message.topic.size() + message.payload->size();
    bool completed = true;
    try {
      co_await subscription->handler(std::move(message));
    } catch (...) {
      completed = false;
    }
    --self->statistics_.queued;
    if (completed) {
      ++self->statistics_.delivered;
    } else {
      self->lose(*subscription, BusLoss::handler_failed, 1);
    }
  }
  subscription->running = false;
  if (self->statistics_.queued == 0) self->idle_.cancel();
}

void SubscriptionTable::lose(Subscription& subscription, BusLoss cause, std::uint64_t messages) {
  statistics_.lost.at(static_cast<std::size_t>(cause)) += messages;
  subscription.lost_since += messages;
}

void SubscriptionTable::end(Subscription& subscription, BusLoss cause) {
  lose(subscription, cause, subscription.queue.size());
  statistics_.queued -= subscription.queue.size();
  subscription.queue.clear();
  subscription.queued_bytes = 0;
}

void SubscriptionTable::end_all(BusLoss cause) {
  closing_ = true;
  for (const auto& [id, subscription] : subscriptions_) end(*subscription, cause);
  subscriptions_.clear();
}

BusStatistics SubscriptionTable::statistics() const {
  auto copy = statistics_;
  copy.subscriptions = subscriptions_.size();
  return copy;
}

bool SubscriptionTable::begin_close() {
  return !std::exchange(closing_, true);
}

asio::awaitable<void> SubscriptionTable::finish_close(std::shared_ptr<SubscriptionTable> self,
                                                      std::chrono::steady_clock::time_point deadline) {
  while (self->statistics_.queued != 0 && std::chrono::steady_clock::now() < deadline) {
    self->idle_.expires_at(deadline);
    boost::system::error_code ignored;
    co_await self->idle_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  self->end_all(BusLoss::shutdown);
}

std::string_view to_string(BusLoss cause) noexcept {
  switch (cause) {
    case BusLoss::queue_full:
      return "queue_full";
    case BusLoss::undecodable:
      return "undecodable";
    case BusLoss::handler_failed:
      return "handler_failed";
    case BusLoss::unsubscribed:
      return "unsubscribed";
    case BusLoss::shutdown:
      return "shutdown";
  }
  return "unknown";
}

}  // namespace daemoneye::event_bus
