// Who is connected and who wants what: one table behind a mutex, with a generation number that lets each
// shard keep its own copy of the answers it needs.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "broker/endpoint.hpp"
#include "busrt/broker_stats.hpp"
#include "busrt/error.hpp"
#include "routing/keyed_hash.hpp"
#include "routing/name_tree.hpp"
#include "routing/subscription_table.hpp"

namespace busrt::broker {

/// Hash for looking up std::string keys by std::string_view. Clients choose the names, so it is keyed.
struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return routing::keyed_hash(text); }
};
template <class Value>
using NameMap = std::unordered_map<std::string, Value, NameHash, std::equal_to<>>;

/// Why a pattern was not added.
enum class PatternRefusal : std::uint8_t {
  none,
  too_many,       ///< the client would hold more patterns than it may
  client_shapes,  ///< its patterns would have more shapes than a client's may (limits::client_shapes)
  all_shapes,     ///< those of all clients together would (limits::all_shapes)
};

/// Thread-safe.
class Registry {
 public:
  /// `max_patterns` is for each client.
  explicit Registry(std::size_t max_patterns) noexcept : max_patterns_(max_patterns) {}
  ~Registry();

  /// Changes whenever an answer of one of the *_receivers functions may have changed.
  [[nodiscard]] std::uint64_t generation() const noexcept {
    return generation_.load(std::memory_order_acquire);
  }

  struct Registered {
    /// The earlier holder of the name, already out of the tables, and its secondaries: the caller closes
    /// them.
    std::vector<EndpointRef> displaced;
  };
  /// Registers the endpoint under its name and subscribes it to .broker/warn. errc::busy when the name is
  /// taken (unless `force`), errc::not_registered for a secondary without its primary.
  /// errc::access for a name that is bound to another process.
  [[nodiscard]] Result<Registered> add(const EndpointRef& endpoint, bool force);
  /// An endpoint that nobody can send to, only so that its traffic is summed until it is retired.
  void add_unlisted(const EndpointRef& endpoint);
  /// Takes the endpoint out of every table, and with a primary its secondaries, which are returned for
  /// closing. False in `was_registered` when it was no longer registered.
  std::vector<EndpointRef> remove(const EndpointRef& endpoint, bool& was_registered);

  /// Binds a primary name and its secondaries to one process. Returns those of other processes that hold it
  /// now: the caller closes them.
  [[nodiscard]] std::vector<EndpointRef> bind(std::string_view name, int pid);
  void unbind(std::string_view name);

  /// Both end at the first pattern that a limit refuses; those before it are in force.
  [[nodiscard]] PatternRefusal subscribe(const EndpointRef& endpoint,
                                         std::span<const std::string_view> patterns);
  [[nodiscard]] PatternRefusal exclude(const EndpointRef& endpoint,
                                       std::span<const std::string_view> patterns);
  void unsubscribe(const EndpointRef& endpoint, std::span<const std::string_view> patterns);
  void unexclude(const EndpointRef& endpoint, std::span<const std::string_view> patterns);

  /// The endpoint's subscriptions in their canonical spelling, in no order.
  [[nodiscard]] std::vector<std::string> subscriptions(const EndpointRef& endpoint) const;

  /// Takes away some patterns of clients that left with many. True while more are to be swept: the table of a
  /// client that had 100,000 must not stop all others while it is cleared.
  [[nodiscard]] bool sweep();
  [[nodiscard]] bool has_departed() const noexcept { return has_departed_.load(std::memory_order_relaxed); }

  /// Whom to disconnect so that `wanted` bytes are given back, those that hold most first; marked as closed.
  /// What clients that are ending already hold counts. Somebody who holds hardly more than being connected
  /// costs is never among them: it would not help.
  struct Relief {
    std::vector<EndpointRef> clients;
    std::uint64_t bytes = 0;
  };
  [[nodiscard]] Relief relieve(std::uint64_t wanted);

  // Receivers of a publication, a message, a broadcast; each endpoint once.

  /// Both append receivers to `found` and return their work in steps.
  std::size_t topic_receivers(std::string_view topic, std::vector<EndpointRef>& found) const;
  std::size_t mask_receivers(std::string_view mask, std::vector<EndpointRef>& found) const;
  [[nodiscard]] EndpointRef find(std::string_view name) const;

  /// All registered endpoints, in no order.
  [[nodiscard]] std::vector<EndpointRef> all() const;
  /// `.broker client.list`: primaries sorted by name.
  [[nodiscard]] std::vector<ClientInfo> list() const;
  /// Traffic of clients that are gone, summed; plus that of those connected.
  void sum_traffic(BrokerStats& into) const;
  /// Keeps the numbers of an endpoint that ends. Called once per endpoint, by its shard, when nothing more
  /// will be counted.
  void retire(const EndpointRef& endpoint);

 private:
  void bump() noexcept { generation_.fetch_add(1, std::memory_order_release); }
  void reserve_for_one_more_locked();
  void remove_locked(const EndpointRef& endpoint, std::size_t& steps);
  [[nodiscard]] bool clear_patterns_locked(const Endpoint& endpoint, std::size_t& steps);
  [[nodiscard]] PatternRefusal add_locked(routing::SubscriptionTable& table, const EndpointRef& endpoint,
                                          std::span<const std::string_view> patterns);
  void take_locked(routing::SubscriptionTable& table, const EndpointRef& endpoint,
                   std::span<const std::string_view> patterns);
  std::vector<EndpointRef> secondaries_locked(std::string_view primary) const;
  void free_slot_locked(const EndpointRef& endpoint);
  [[nodiscard]] PatternRefusal refusal_locked(const Endpoint& endpoint) const;

  const std::size_t max_patterns_;
  mutable std::mutex mutex_;
  std::atomic<std::uint64_t> generation_{1};
  NameMap<EndpointRef> names_;
  routing::NameTree name_tree_;     // the same names, for masks
  NameMap<int> bound_;              // primary names to the one process that may hold them
  std::vector<EndpointRef> slots_;  // by subscriber id
  std::vector<std::uint32_t> free_slots_;
  std::vector<EndpointRef> unlisted_;  // not registered, or no longer, and not retired yet
  std::vector<EndpointRef> departed_;  // gone, but patterns of theirs are left
  std::atomic<bool> has_departed_{false};
  routing::SubscriptionTable subscriptions_;
  routing::SubscriptionTable exclusions_;
  // Of the question under way; they keep their memory.
  mutable std::vector<routing::SubscriberId> matched_;
  mutable std::vector<routing::SubscriberId> excluded_;
  struct {
    std::uint64_t frames_in = 0, bytes_in = 0, frames_out = 0, bytes_out = 0, lost[loss_causes] = {};
    std::uint64_t denied = 0;
  } retired_;
};

}  // namespace busrt::broker
