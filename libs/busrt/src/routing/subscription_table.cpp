// See subscription_table.hpp.
#include "routing/subscription_table.hpp"

#include <algorithm>
#include <bit>
#include <iterator>

#include "routing/keyed_hash.hpp"
#include "routing/pattern.hpp"

namespace busrt::routing {

namespace {

/// Subscriptions of one topic from which on a bit for each subscriber is cheaper than sorting.
constexpr std::size_t many = 256;

/// Sorts what `ids` has from `start` on and drops what comes again.
void unite(std::vector<SubscriberId>& ids, std::size_t start) {
  const auto first = std::next(ids.begin(), static_cast<std::ptrdiff_t>(start));
  const auto count = static_cast<std::size_t>(std::distance(first, ids.end()));
  const std::size_t words = count < many ? 0 : *std::max_element(first, ids.end()) / 64 + std::size_t{1};
  if (words == 0 || words > count) {
    std::sort(first, ids.end());
    ids.erase(std::unique(first, ids.end()), ids.end());
    return;
  }
  std::vector<std::uint64_t> found(words);
  std::for_each(first, ids.end(),
                [&found](SubscriberId id) { found[id / 64] |= std::uint64_t{1} << id % 64; });
  auto next = first;
  for (std::size_t word = 0; word < words; ++word) {
    for (std::uint64_t bits = found[word]; bits != 0; bits &= bits - 1) {
      *next++ = static_cast<SubscriberId>(word * 64 + static_cast<std::size_t>(std::countr_zero(bits)));
    }
  }
  ids.erase(next, ids.end());
}

}  // namespace

bool SubscriptionTable::subscribe(SubscriberId subscriber, std::string_view pattern) {
  if (pattern_problem(pattern) != nullptr) return false;
  const PatternId id = trie_.insert(pattern);
  bool reached = false;
  bool listed = false;
  bool owned = false;
  try {
    subscribers_.reach(id);
    reached = true;
    if (!subscribers_[id].insert(subscriber)) return false;
    listed = true;
    Own& own = own_[subscriber];
    own.patterns.insert(number_hash(id), id);
    owned = true;
    own.shapes.charge(trie_.shapes(), trie_.shape_of(id));
  } catch (...) {
    // A listing that its subscriber does not know of would outlive it, and go to the next one of its number.
    if (const auto own = own_.find(subscriber); own != own_.end()) {
      if (owned) own->second.patterns.erase(number_hash(id), id);
      if (own->second.patterns.size() == 0) own_.erase(own);
    }
    if (listed) subscribers_[id].erase(subscriber);
    if (!reached || (listed && subscribers_[id].empty())) trie_.erase(id);
    throw;
  }
  ++subscriptions_;
  return true;
}

bool SubscriptionTable::unsubscribe(SubscriberId subscriber, std::string_view pattern) {
  const PatternId id = trie_.find(pattern);
  if (id == no_pattern) return false;
  const auto own = own_.find(subscriber);
  if (own == own_.end() || !own->second.patterns.erase(number_hash(id), id)) return false;
  own->second.shapes.release(trie_.shapes(), trie_.shape_of(id));
  if (own->second.patterns.size() == 0) own_.erase(own);
  drop(subscriber, id);
  return true;
}

void SubscriptionTable::remove(SubscriberId subscriber) {
  const auto own = own_.extract(subscriber);
  if (own.empty()) return;
  own.mapped().patterns.for_each([this, subscriber](PatternId id) { drop(subscriber, id); });
}

bool SubscriptionTable::remove_some(SubscriberId subscriber, std::size_t& steps) {
  const auto own = own_.find(subscriber);
  if (own == own_.end()) return true;
  if (steps == 0) return false;
  own->second.patterns.take([this, subscriber, &steps, &shapes = own->second.shapes](PatternId id) {
    shapes.release(trie_.shapes(), trie_.shape_of(id));
    steps -= std::min(steps, 1 + drop(subscriber, id));
    return steps != 0;
  });
  if (own->second.patterns.size() != 0) return false;
  own_.erase(own);
  return true;
}

/// Returns how many nodes went with it.
std::size_t SubscriptionTable::drop(SubscriberId subscriber, PatternId pattern) {
  --subscriptions_;
  subscribers_[pattern].erase(subscriber);
  if (!subscribers_[pattern].empty()) return 0;
  const std::size_t dropped = trie_.erase(pattern);
  if (trie_.size() == 0) subscribers_.clear();
  return dropped;
}

std::size_t SubscriptionTable::match(std::string_view topic, std::vector<SubscriberId>& out) const {
  const std::size_t start = out.size();
  std::size_t lists = 0;
  const std::size_t visited = trie_.visit_matches(topic, [this, &out, &lists](PatternId pattern) {
    const auto ids = subscribers_[pattern].ids();
    out.insert(out.end(), ids.begin(), ids.end());
    ++lists;
  });
  const std::size_t found = out.size() - start;
  // Each list is sorted and unique by itself; only several of them need more.
  if (lists > 1) unite(out, start);
  return visited + found;
}

std::size_t SubscriptionTable::patterns_of(SubscriberId subscriber) const {
  const auto own = own_.find(subscriber);
  return own == own_.end() ? 0 : own->second.patterns.size();
}

std::size_t SubscriptionTable::shapes_of(SubscriberId subscriber) const {
  const auto own = own_.find(subscriber);
  return own == own_.end() ? 0 : own->second.shapes.size();
}

std::vector<std::string> SubscriptionTable::pattern_texts(SubscriberId subscriber) const {
  std::vector<std::string> texts;
  const auto own = own_.find(subscriber);
  if (own == own_.end()) return texts;
  texts.reserve(own->second.patterns.size());
  own->second.patterns.for_each([this, &texts](PatternId id) { texts.push_back(trie_.text_of(id)); });
  return texts;
}

}  // namespace busrt::routing
