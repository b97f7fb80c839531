// Dispatch, queues and pumps of an event bus.

#include "subscription_table.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/describe/enum_to_string.hpp>
#include <utility>

#include "busrt/error.hpp"
#include "busrt/topic_pattern.hpp"
#include "daemoneye/events/topics.hpp"

namespace daemoneye::event_bus {

namespace asio = boost::asio;

SubscriptionTable::SubscriptionTable(asio::any_io_executor executor, EventBusConfig config)
    : executor_(std::move(executor)),
      config_(std::move(config)),
      idle_(executor_),
      room_(executor_, asio::steady_timer::time_point::max()) {}

busrt::base::Result<> SubscriptionTable::check_publish(std::string_view topic) const {
  if (closing_) return busrt::base::fail(busrt::errc::closed, "the event bus was shut down");
  if (topic.empty()) return busrt::base::fail(busrt::errc::data, "topic: empty");
  if (const char* const problem = busrt::topic_problem(topic); problem != nullptr) {
    return busrt::base::fail(busrt::errc::data, std::string("topic: ") + problem);
  }
  return {};
}

busrt::base::Result<SubscriptionId> SubscriptionTable::add(Subscription subscription,
                                                           EventBus::Handler handler) {
  if (closing_) return busrt::base::fail(busrt::errc::closed, "the event bus was shut down");
  if (subscription.patterns.empty()) return busrt::base::fail(busrt::errc::data, "patterns: empty");
  for (const std::string& pattern : subscription.patterns) {
    if (pattern.empty()) return busrt::base::fail(busrt::errc::data, "pattern: empty");
    if (const char* const problem = busrt::topic_pattern_problem(pattern); problem != nullptr) {
      return busrt::base::fail(busrt::errc::data, std::string("pattern: ") + problem);
    }
  }
  const SubscriptionId id = ++last_id_;
  auto entry = std::make_shared<Entry>();
  entry->wanted = std::move(subscription);
  entry->handler = std::move(handler);
  subscriptions_.emplace(id, std::move(entry));
  return id;
}

busrt::base::Result<std::vector<std::string>> SubscriptionTable::remove(SubscriptionId id) {
  if (closing_) return busrt::base::fail(busrt::errc::closed, "the event bus was shut down");
  const auto found = subscriptions_.find(id);
  if (found == subscriptions_.end()) {
    return busrt::base::fail(busrt::errc::not_registered, "no subscription " + std::to_string(id));
  }
  const auto entry = std::move(found->second);
  subscriptions_.erase(found);
  end(*entry, BusLoss::unsubscribed);
  const auto kept = patterns();
  std::vector<std::string> gone = entry->wanted.patterns;
  std::erase_if(gone, [&kept](const std::string& pattern) {
    return std::binary_search(kept.begin(), kept.end(), pattern);
  });
  return gone;
}

std::vector<std::string> SubscriptionTable::patterns() const {
  std::vector<std::string> all;
  for (const auto& [id, entry] : subscriptions_) {
    all.insert(all.end(), entry->wanted.patterns.begin(), entry->wanted.patterns.end());
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

bool SubscriptionTable::matches(const Entry& entry, std::string_view topic) {
  return std::any_of(entry.wanted.patterns.begin(), entry.wanted.patterns.end(),
                     [topic](const std::string& pattern) { return busrt::topic_matches(pattern, topic); });
}

bool SubscriptionTable::is_full(const Entry& entry, const BusMessage& message) const {
  const std::size_t bytes = message.topic.size() + message.payload->size();
  return entry.queue.size() >= config_.queue_frames || entry.queued_bytes + bytes > config_.queue_bytes;
}

/// A message that is larger than the whole queue gets an empty one for itself.
bool SubscriptionTable::has_to_wait(const BusMessage& message) const {
  return std::any_of(subscriptions_.begin(), subscriptions_.end(), [&](const auto& each) {
    const Entry& entry = *each.second;
    return entry.wanted.when_full == WhenFull::wait && !entry.queue.empty() && is_full(entry, message) &&
           matches(entry, message.topic);
  });
}

asio::awaitable<bool> SubscriptionTable::wait_room(std::shared_ptr<SubscriptionTable> self,
                                                   const BusMessage& message) {
  boost::system::error_code ignored;
  while (!self->ended_ && self->has_to_wait(message)) {
    co_await self->room_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return !self->ended_;
}

void SubscriptionTable::dispatch(const BusMessage& message) {
  BusMessage decoded = message;
  bool tried = false;
  std::vector<EntryPtr> idle;
  for (const auto& [id, entry] : subscriptions_) {
    if (!matches(*entry, message.topic)) continue;
    ++statistics_.matched;
    const bool filters = !entry->wanted.filter.empty();
    if (filters && !tried) {
      tried = true;
      if (auto event = events::decode_event(*message.payload)) {
        decoded.event = std::make_shared<const events::Event>(std::move(*event));
      }
    }
    const bool decodable = !filters || decoded.event != nullptr;
    if (enqueue(*entry, filters ? decoded : message, decodable) && !entry->running) {
      entry->running = true;
      idle.push_back(entry);
    }
  }
  // Only now, so that no handler can change the map under the loop.
  for (auto& entry : idle) start_pump(entry);
}

void SubscriptionTable::start_pump(const EntryPtr& entry) {
  try {
    asio::co_spawn(executor_, pump(shared_from_this(), entry),
                   [self = shared_from_this(), entry](const std::exception_ptr& fault) {
                     if (fault) self->fail(*entry);
                   });
  } catch (const std::exception&) {
    fail(*entry);
  }
}

/// The pump ended by an exception of its own, such as a want of memory: what was queued is lost, the next
/// message starts another one.
void SubscriptionTable::fail(Entry& entry) {
  entry.running = false;
  end(entry, BusLoss::handler_failed);
  if (statistics_.queued == 0) idle_.cancel();
}

bool SubscriptionTable::enqueue(Entry& entry, const BusMessage& message, bool decodable) {
  if (!decodable) {
    // Only what an event topic promises can be missing; the broker's own `.broker/warn` comes to everybody.
    if (message.topic.starts_with(events::topics::events)) {
      lose(entry, BusLoss::undecodable, 1);
    } else {
      ++statistics_.filtered;
    }
    return false;
  }
  if (message.event != nullptr && !entry.wanted.filter.matches(*message.event)) {
    ++statistics_.filtered;
    return false;
  }
  const std::size_t bytes = message.topic.size() + message.payload->size();
  const bool may_lose = entry.wanted.when_full == WhenFull::lose || !entry.queue.empty();
  if (may_lose && is_full(entry, message)) {
    lose(entry, BusLoss::queue_full, 1);
    return false;
  }
  entry.queue.push_back(message);
  entry.queue.back().lost_before = std::exchange(entry.lost_since, 0);
  entry.queued_bytes += bytes;
  ++statistics_.queued;
  return true;
}

asio::awaitable<void> SubscriptionTable::pump(std::shared_ptr<SubscriptionTable> self, EntryPtr entry) {
  while (!entry->queue.empty()) {
    BusMessage message = std::move(entry->queue.front());
    entry->queue.pop_front();
    entry->queued_bytes -= message.topic.size() + message.payload->size();
    self->room_.cancel();
    bool completed = true;
    try {
      co_await entry->handler(std::move(message));
    } catch (...) {
      completed = false;
    }
    --self->statistics_.queued;
    if (completed) {
      ++self->statistics_.delivered;
    } else {
      self->lose(*entry, BusLoss::handler_failed, 1);
    }
  }
  entry->running = false;
  if (self->statistics_.queued == 0) self->idle_.cancel();
}

void SubscriptionTable::lose(Entry& entry, BusLoss cause, std::uint64_t messages) {
  statistics_.lost.at(static_cast<std::size_t>(cause)) += messages;
  entry.lost_since += messages;
}

void SubscriptionTable::end(Entry& entry, BusLoss cause) {
  lose(entry, cause, entry.queue.size());
  statistics_.queued -= entry.queue.size();
  entry.queue.clear();
  entry.queued_bytes = 0;
  room_.cancel();
}

void SubscriptionTable::end_all(BusLoss cause) {
  closing_ = true;
  ended_ = true;
  for (const auto& [id, entry] : subscriptions_) end(*entry, cause);
  subscriptions_.clear();
  room_.cancel();
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
  return boost::describe::enum_to_string(cause, "unknown");
}

}  // namespace daemoneye::event_bus
