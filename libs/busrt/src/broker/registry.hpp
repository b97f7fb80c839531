// The connected clients and their subscriptions: names, bindings, patterns and traffic behind one mutex, with
// a generation number that lets each shard keep its own copy of the answers that it needs.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/endpoint.hpp"
#include "broker/eviction_choice.hpp"
#include "broker/name_bindings.hpp"
#include "broker/name_directory.hpp"
#include "broker/pattern_tables.hpp"
#include "broker/traffic_books.hpp"
#include "busrt/broker_stats.hpp"
#include "busrt/error.hpp"

namespace busrt::broker {

/// Thread-safe.
class Registry {
 public:
  /// `max_patterns` is for each client.
  explicit Registry(std::size_t max_patterns) noexcept : patterns_(max_patterns) {}

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
  /// Adds an endpoint that is no receiver, so that its traffic is summed until it is retired.
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
  [[nodiscard]] bool has_departed() const noexcept { return patterns_.has_departed(); }

  /// See broker::ending_bytes().
  [[nodiscard]] std::uint64_t ending_bytes();
  /// See broker::choose_evictions().
  [[nodiscard]] EvictionChoice choose_evictions(std::uint64_t wanted);

  // Receivers of a publication, a message, a broadcast; each endpoint once.

  /// Both append receivers to `found` and return their work in steps.
  std::size_t topic_receivers(std::string_view topic, std::vector<EndpointRef>& found) const;
  std::size_t mask_receivers(std::string_view mask, std::vector<EndpointRef>& found) const;
  [[nodiscard]] EndpointRef find(std::string_view name) const;

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
  PatternRefusal note_locked(PatternChange change) noexcept;

  mutable std::mutex mutex_;
  std::atomic<std::uint64_t> generation_{1};
  NameDirectory directory_;
  NameBindings bindings_;
  PatternTables patterns_;
  TrafficBooks books_;
  mutable std::vector<routing::SubscriberId> matched_;  // of the question under way; it keeps its memory
};

}  // namespace busrt::broker
