// The subscriptions of one event bus: who gets a message, the bounded queue before each handler, and the
// numbers. Both buses are a thin layer over it, so that they cannot differ in what a subscriber sees.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemoneye/event_bus/event_bus.hpp"

namespace daemoneye::event_bus {

/// Lives on the bus's executor, all of it. Its coroutines keep it alive while a handler runs.
class SubscriptionTable : public std::enable_shared_from_this<SubscriptionTable> {
 public:
  SubscriptionTable(boost::asio::any_io_executor executor, EventBusConfig config);

  /// errc::closed once close() has begun, errc::data for a topic that cannot be routed.
  [[nodiscard]] busrt::base::Result<> check_publish(std::string_view topic) const;
  [[nodiscard]] busrt::base::Result<SubscriptionId> add(Subscription subscription, EventBus::Handler handler);
  /// Returns those patterns of the subscription that no other one has. errc::not_registered, errc::closed.
  [[nodiscard]] busrt::base::Result<std::vector<std::string>> remove(SubscriptionId id);

  /// Each pattern once.
  [[nodiscard]] std::vector<std::string> patterns() const;

  void count_publish(bool taken) { taken ? ++statistics_.published : ++statistics_.publish_failed; }
  /// Waits until no subscription with WhenFull::wait loses the message. False: the bus has ended meanwhile.
  /// dispatch() has to follow at once.
  static boost::asio::awaitable<bool> wait_room(std::shared_ptr<SubscriptionTable> self,
                                                const BusMessage& message);
  /// Queues the message for each subscription that matches it. Linear in the subscriptions: a bus has few.
  void dispatch(const BusMessage& message);

  [[nodiscard]] BusStatistics statistics() const;

  /// Publishing and subscribing end here; messages are still dispatched. False when it had begun before.
  bool begin_close();
  /// Waits for the handlers until `deadline`, then ends every subscription.
  static boost::asio::awaitable<void> finish_close(std::shared_ptr<SubscriptionTable> self,
                                                   std::chrono::steady_clock::time_point deadline);
  /// Ends every subscription at once; what is queued is lost to `cause`.
  void end_all(BusLoss cause);

 private:
  struct Entry {
    Subscription wanted;
    EventBus::Handler handler;
    std::deque<BusMessage> queue{};
    std::size_t queued_bytes = 0;
    std::uint64_t lost_since = 0;  ///< since the last message that was queued
    bool running = false;          ///< a pump is under way
  };
  using EntryPtr = std::shared_ptr<Entry>;

  static boost::asio::awaitable<void> pump(std::shared_ptr<SubscriptionTable> self, EntryPtr entry);
  void start_pump(const EntryPtr& entry);
  void fail(Entry& entry);
  [[nodiscard]] static bool matches(const Entry& entry, std::string_view topic);
  [[nodiscard]] bool is_full(const Entry& entry, const BusMessage& message) const;
  [[nodiscard]] bool has_to_wait(const BusMessage& message) const;
  /// Whether the message is now queued.
  bool enqueue(Entry& entry, const BusMessage& message, bool decodable);
  void lose(Entry& entry, BusLoss cause, std::uint64_t messages);
  void end(Entry& entry, BusLoss cause);

  boost::asio::any_io_executor executor_;
  EventBusConfig config_;
  std::map<SubscriptionId, EntryPtr> subscriptions_;
  SubscriptionId last_id_ = 0;
  BusStatistics statistics_;
  bool closing_ = false;            ///< nothing new is taken
  bool ended_ = false;              ///< nothing is delivered any more
  boost::asio::steady_timer idle_;  ///< cancelled when nothing is queued any more
  boost::asio::steady_timer room_;  ///< never expires; cancelled when a queue gets shorter
};

}  // namespace daemoneye::event_bus
