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
#include "routing/subscriber_list.hpp"

namespace busrt::routing {

/// Owned by one thread at a time; concurrent const calls are safe. Matching allocates nothing but what `out`
/// needs.
class SubscriptionTable {
 public:
  /// Both say whether anything changed. subscribe is false where this subscriber has the pattern already (in
  /// any spelling of the same meaning) and for a pattern that pattern_problem() refuses.
  bool subscribe(SubscriberId subscriber, std::string_view pattern);
  bool unsubscribe(SubscriberId subscriber, std::string_view pattern);

  /// Ends all subscriptions of one subscriber; the cost is in proportion to how many it had.
  void remove(SubscriberId subscriber);
  /// The same for at most `most` of them. Returns how many it ended; fewer than `most` means that none is
  /// left.
  std::size_t remove_some(SubscriberId subscriber, std::size_t most);

  /// Appends everybody who gets `topic` to `out`, each once and in ascending order. What `out` held before
  /// stays as it is.
  void match(std::string_view topic, std::vector<SubscriberId>& out) const;

  /// Pairs of subscriber and pattern.
  [[nodiscard]] std::size_t subscriptions() const noexcept { return subscriptions_; }
  [[nodiscard]] std::size_t patterns_of(SubscriberId subscriber) const;
  /// The subscriber's patterns in their canonical spelling, in no order.
  [[nodiscard]] std::vector<std::string> pattern_texts(SubscriberId subscriber) const;
  /// Different patterns, and trie nodes in use: what the table's memory is proportional to.
  [[nodiscard]] std::size_t patterns() const noexcept { return trie_.size(); }
  [[nodiscard]] std::size_t nodes() const noexcept { return trie_.nodes(); }

 private:
  void drop(SubscriberId subscriber, PatternId pattern);

  PatternTrie trie_;
  ChunkedArray<SubscriberList> subscribers_;               // by PatternId
  std::unordered_map<SubscriberId, IdIndex> patterns_of_;  // PatternIds by number_hash
  std::size_t subscriptions_ = 0;
};

}  // namespace busrt::routing
