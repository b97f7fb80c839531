// Who gets a topic: the table that the router asks. It knows patterns and numbers, no sessions and no locks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "routing/chunked_array.hpp"
#include "routing/id_index.hpp"
#include "routing/pattern_trie.hpp"
#include "routing/shape_tree.hpp"
#include "routing/subscriber_list.hpp"

namespace busrt::routing {

/// Owned by one thread at a time; concurrent const calls are safe. Matching allocates nothing but what `out`
/// needs, and, for hundreds of subscriptions, a bit for each subscriber.
class SubscriptionTable {
 public:
  /// Both say whether anything changed. subscribe is false where this subscriber has the pattern already (in
  /// any spelling of the same meaning) and for a pattern that pattern_problem() refuses.
  bool subscribe(SubscriberId subscriber, std::string_view pattern);
  bool unsubscribe(SubscriberId subscriber, std::string_view pattern);

  /// Ends all subscriptions of one subscriber; the cost is in proportion to how many it had.
  void remove(SubscriberId subscriber);
  /// The same, as far as `steps` reach; takes away from them what it did, one for each subscription and node.
  /// True when the subscriber has no subscriptions left.
  bool remove_some(SubscriberId subscriber, std::size_t& steps);

  /// Appends everybody who gets `topic` to `out`, each once and in ascending order. What `out` held before
  /// stays as it is. Returns its work in steps: nodes that it visited and subscriptions that it found.
  std::size_t match(std::string_view topic, std::vector<SubscriberId>& out) const;

  /// Pairs of subscriber and pattern.
  [[nodiscard]] std::size_t subscriptions() const noexcept { return subscriptions_; }
  [[nodiscard]] std::size_t patterns_of(SubscriberId subscriber) const;
  /// The subscriber's patterns in their canonical spelling, in no order.
  [[nodiscard]] std::vector<std::string> pattern_texts(SubscriberId subscriber) const;
  /// Charged shapes (shape_tree.hpp) of all patterns, and of the subscriber's.
  [[nodiscard]] std::size_t shapes() const noexcept { return trie_.shapes().charged(); }
  [[nodiscard]] std::size_t shapes_of(SubscriberId subscriber) const;
  /// Different patterns, and trie nodes in use: what the table's memory is proportional to.
  [[nodiscard]] std::size_t patterns() const noexcept { return trie_.size(); }
  [[nodiscard]] std::size_t nodes() const noexcept { return trie_.nodes(); }

 private:
  /// What one subscriber has.
  struct Own {
    IdIndex patterns;  // PatternIds by number_hash
    ShapeCharges shapes;
  };
  std::size_t drop(SubscriberId subscriber, PatternId pattern);

  PatternTrie trie_;
  ChunkedArray<SubscriberList> subscribers_;  // by PatternId
  std::unordered_map<SubscriberId, Own> own_;
  std::size_t subscriptions_ = 0;
};

}  // namespace busrt::routing
