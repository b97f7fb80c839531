// The bus as the parts of DaemonEye see it: publish, subscribe by pattern and filter, and numbers that add
// up.
//
// LocalEventBus (local_event_bus.hpp) stays within one process; BusrtEventBus (busrt_event_bus.hpp) goes over
// a broker. One conformance suite holds for both.
#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/describe/enum.hpp>
#include <boost/describe/enumerators.hpp>
#include <boost/mp11/list.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/base/result.hpp"
#include "daemoneye/event_bus/event_filter.hpp"

namespace daemoneye::event_bus {

/// A message on its way to one subscription. Copies share the payload.
struct BusMessage {
  std::string topic;
  std::string sender;  ///< the publisher's name on the bus; empty on a local bus
  std::shared_ptr<const std::string> payload;
  /// The decoded payload, when the subscription has a filter; else empty: decode_event(*payload) is the
  /// handler's.
  std::shared_ptr<const events::Event> event;
  /// Messages of this subscription that were lost between the previous one and this one.
  std::uint64_t lost_before = 0;
};

/// Why a message that matched a subscription did not reach its handler.
BOOST_DEFINE_FIXED_ENUM_CLASS(
    BusLoss, std::uint8_t,
    queue_full,      ///< the handler was slower than the messages came
    undecodable,     ///< the subscription filters events, and this payload on an event topic is none
    handler_failed,  ///< the handler ended with an exception; the message is spent
    unsubscribed,    ///< still queued when its subscription ended
    shutdown         ///< still queued when the bus gave up draining
)

inline constexpr std::size_t bus_losses =
    boost::mp11::mp_size<boost::describe::describe_enumerators<BusLoss>>::value;

/// Returns the name of the enumerator.
[[nodiscard]] std::string_view to_string(BusLoss cause) noexcept;

/// Counts since the bus was made. A message counts once for each subscription whose pattern it matches, so
/// that matched == delivered + filtered + total_lost() + queued at any moment.
struct BusStatistics {
  std::uint64_t published = 0;       ///< messages that publish() took
  std::uint64_t publish_failed = 0;  ///< messages that it did not
  std::uint64_t matched = 0;
  std::uint64_t delivered = 0;                   ///< the handler completed
  std::uint64_t filtered = 0;                    ///< held back by the subscription's filter
  std::array<std::uint64_t, bus_losses> lost{};  ///< by BusLoss
  std::size_t queued = 0;                        ///< waiting for their handler, or in it
  std::size_t subscriptions = 0;

  [[nodiscard]] std::uint64_t lost_by(BusLoss cause) const {
    return lost.at(static_cast<std::size_t>(cause));
  }
  [[nodiscard]] std::uint64_t total_lost() const {
    return std::accumulate(lost.begin(), lost.end(), std::uint64_t{0});
  }
};

/// Default bounds of the queue of one subscription: messages, and bytes.
inline constexpr std::size_t default_queue_frames = 8192;
inline constexpr std::size_t default_queue_bytes = 32U << 20;

struct EventBusConfig {
  /// Bounds of each subscription's queue; WhenFull says what becomes of a message that finds it full.
  std::size_t queue_frames = default_queue_frames;
  std::size_t queue_bytes = default_queue_bytes;
  /// Called when an exception, such as a want of memory, cost a message before any subscription had it.
  std::function<void(std::string_view what)> on_fault{};
};

/// What becomes of a message that finds a subscription's queue full.
enum class WhenFull : std::uint8_t {
  lose,  ///< the message is lost for this subscription, and counted
  /// Nothing is lost: who publishes waits. Within a process publish() completes when there is room. Over a
  /// broker the bus stops taking frames, so that the broker's queue for it fills and blocks the publishers.
  /// The other subscriptions of the same bus wait, too.
  wait,
};

/// What a subscriber wants.
struct Subscription {
  /// In either notation of the bus: path (`a/+/#`) or dotted (`events.process.*`). A message that matches
  /// several of them comes once, and messages keep their order across patterns.
  std::vector<std::string> patterns;
  EventFilter filter{};
  WhenFull when_full = WhenFull::lose;
};

using SubscriptionId = std::uint64_t;

/// Every member is called on the bus's executor, which runs one handler at a time (an io_context with one
/// thread, or a strand). Handlers run there too: those of one subscription one after another in the order of
/// the messages, those of different subscriptions side by side. A handler may publish, subscribe and
/// unsubscribe.
///
/// Errors: busrt::errc::closed after shutdown(); busrt::errc::data for a topic or a pattern that is not well
/// formed; what the client says for a bus over a broker.
class EventBus {
 public:
  using Handler = std::function<boost::asio::awaitable<void>(BusMessage)>;

  EventBus() = default;
  EventBus(const EventBus&) = delete;
  EventBus& operator=(const EventBus&) = delete;
  virtual ~EventBus() = default;

  /// Completes when the bus has taken the message, not when handlers have run. Waits for subscriptions with
  /// WhenFull::wait.
  virtual boost::asio::awaitable<busrt::base::Result<>> publish(std::string topic, std::string payload) = 0;

  /// Subscriptions are independent: a message that matches several goes to each of them. At least one
  /// pattern.
  virtual boost::asio::awaitable<busrt::base::Result<SubscriptionId>> subscribe(Subscription subscription,
                                                                                Handler handler) = 0;

  /// Once this has been called no further handler begins; one that runs is not waited for.
  /// busrt::errc::not_registered for an id that the bus does not have.
  virtual boost::asio::awaitable<busrt::base::Result<>> unsubscribe(SubscriptionId id) = 0;

  [[nodiscard]] virtual BusStatistics statistics() const = 0;

  /// Takes no more, waits at most `drain` for the handlers of what is queued, and ends. What is still queued
  /// then counts as lost. A second call changes nothing. Not to be awaited in a handler: it would wait for
  /// itself.
  virtual boost::asio::awaitable<busrt::base::Result<>> shutdown(std::chrono::milliseconds drain) = 0;
};

}  // namespace daemoneye::event_bus
