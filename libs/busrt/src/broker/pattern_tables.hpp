// Subscriptions and exclusions of all clients, charged to their accounts and limited.
//
// A client that leaves may have 100,000 patterns. They are taken away in slices (sweep()), so that no other
// client waits for it. Until then the client's number stays taken, and its patterns match a client that is
// not in the directory.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/endpoint.hpp"
#include "routing/subscription_table.hpp"

namespace busrt::broker {

/// Why a pattern was not added.
enum class PatternRefusal : std::uint8_t {
  none,
  too_many,       ///< the client would hold more patterns than it may
  client_shapes,  ///< its patterns would have more shapes than a client's may (limits::client_shapes)
  all_shapes,     ///< those of all clients together would (limits::all_shapes)
};

/// What an operation on patterns did.
struct PatternChange {
  PatternRefusal refusal = PatternRefusal::none;  ///< of the pattern at which the operation ended
  bool changed = false;
};

/// Belongs to the registry, which guards it by its mutex; has_departed() may be called from any thread.
class PatternTables {
 public:
  /// `max_patterns` is for each client.
  explicit PatternTables(std::size_t max_patterns) noexcept : max_patterns_(max_patterns) {}
  ~PatternTables();
  PatternTables(const PatternTables&) = delete;
  PatternTables& operator=(const PatternTables&) = delete;

  /// Makes room for departures, so that remove() cannot fail for so many clients.
  void reserve(std::size_t clients);

  /// Both end at the first pattern that a limit refuses; those before it are in force.
  [[nodiscard]] PatternChange subscribe(Endpoint& endpoint, std::span<const std::string_view> patterns) {
    return add(subscriptions_, endpoint, patterns);
  }
  [[nodiscard]] PatternChange exclude(Endpoint& endpoint, std::span<const std::string_view> patterns) {
    return add(exclusions_, endpoint, patterns);
  }
  /// Both return whether anything changed.
  bool unsubscribe(Endpoint& endpoint, std::span<const std::string_view> patterns) {
    return take(subscriptions_, endpoint, patterns);
  }
  bool unexclude(Endpoint& endpoint, std::span<const std::string_view> patterns) {
    return take(exclusions_, endpoint, patterns);
  }
  /// Adds a subscription that the broker gives every client, without regard to limits.
  void grant(Endpoint& endpoint, std::string_view pattern);
  /// The client's subscriptions in their canonical spelling, in no order.
  [[nodiscard]] std::vector<std::string> subscriptions(const Endpoint& endpoint) const {
    return subscriptions_.pattern_texts(endpoint.id);
  }

  /// Takes away the patterns of a client that has left, as far as `steps` reach; sweep() takes the others.
  /// True if the client has no patterns left.
  bool remove(const EndpointRef& endpoint, std::size_t& steps);
  /// Takes away some patterns of clients that left with many, and calls `done` for each that has none left.
  /// True while more are to be swept.
  template <class Done>
  bool sweep(std::size_t steps, Done done) {
    while (!departed_.empty() && clear(*departed_.back(), steps)) {
      const EndpointRef gone = std::move(departed_.back());
      departed_.pop_back();
      done(*gone);
    }
    has_departed_.store(!departed_.empty(), std::memory_order_relaxed);
    return !departed_.empty();
  }
  [[nodiscard]] bool has_departed() const noexcept { return has_departed_.load(std::memory_order_relaxed); }

  /// Replaces `receivers` by the numbers of the clients that get the topic, each once, in ascending order.
  /// Returns its work in steps.
  std::size_t match(std::string_view topic, std::vector<routing::SubscriberId>& receivers) const;

 private:
  PatternChange add(routing::SubscriptionTable& table, Endpoint& endpoint,
                    std::span<const std::string_view> patterns);
  bool take(routing::SubscriptionTable& table, Endpoint& endpoint,
            std::span<const std::string_view> patterns);
  [[nodiscard]] PatternRefusal refusal_of(const Endpoint& endpoint) const;
  [[nodiscard]] bool clear(Endpoint& endpoint, std::size_t& steps);

  const std::size_t max_patterns_;
  routing::SubscriptionTable subscriptions_;
  routing::SubscriptionTable exclusions_;
  std::vector<EndpointRef> departed_;  // gone, but patterns of theirs are left
  std::atomic<bool> has_departed_{false};
  mutable std::vector<routing::SubscriberId> excluded_;  // of the topic under way; it keeps its memory
};

}  // namespace busrt::broker
