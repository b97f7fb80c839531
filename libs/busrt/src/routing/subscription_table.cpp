// See subscription_table.hpp.
#include "routing/subscription_table.hpp"

#include <algorithm>
#include <iterator>

#include "routing/keyed_hash.hpp"
#include "routing/pattern.hpp"

namespace busrt::routing {

bool SubscriptionTable::subscribe(SubscriberId subscriber, std::string_view pattern) {
  if (pattern_problem(pattern) != nullptr) return false;
  const PatternId id = trie_.insert(pattern);
  bool reached = false;
  bool listed = false;
  try {
    subscribers_.reach(id);
    reached = true;
    if (!subscribers_[id].insert(subscriber)) return false;
    listed = true;
    patterns_of_[subscriber].insert(number_hash(id), id);
  } catch (...) {
    // Whoever is listed and does not know of it would stay so, and pass it on with its number.
    const auto own = patterns_of_.find(subscriber);
    if (own != patterns_of_.end() && own->second.size() == 0) patterns_of_.erase(own);
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
  const auto own = patterns_of_.find(subscriber);
  if (own == patterns_of_.end() || !own->second.erase(number_hash(id), id)) return false;
  if (own->second.size() == 0) patterns_of_.erase(own);
  drop(subscriber, id);
  return true;
}

void SubscriptionTable::remove(SubscriberId subscriber) {
  const auto own = patterns_of_.extract(subscriber);
  if (own.empty()) return;
  own.mapped().for_each([this, subscriber](PatternId id) { drop(subscriber, id); });
}

std::size_t SubscriptionTable::remove_some(SubscriberId subscriber, std::size_t most) {
  const auto own = patterns_of_.find(subscriber);
  if (own == patterns_of_.end()) return 0;
  std::size_t removed = 0;
  own->second.take(most, [this, subscriber, &removed](PatternId id) {
    drop(subscriber, id);
    ++removed;
  });
  if (own->second.size() == 0) patterns_of_.erase(own);
  return removed;
}

void SubscriptionTable::drop(SubscriberId subscriber, PatternId pattern) {
  --subscriptions_;
  subscribers_[pattern].erase(subscriber);
  if (!subscribers_[pattern].empty()) return;
  trie_.erase(pattern);
  if (trie_.size() == 0) subscribers_.clear();
}

void SubscriptionTable::match(std::string_view topic, std::vector<SubscriberId>& out) const {
  const auto start = static_cast<std::ptrdiff_t>(out.size());
  std::size_t lists = 0;
  trie_.visit_matches(topic, [this, &out, &lists](PatternId pattern) {
    const auto ids = subscribers_[pattern].ids();
    out.insert(out.end(), ids.begin(), ids.end());
    ++lists;
    return true;
  });
  // Each list is sorted and unique by itself; only several of them need more.
  if (lists < 2) return;
  const auto first = std::next(out.begin(), start);
  std::sort(first, out.end());
  out.erase(std::unique(first, out.end()), out.end());
}

std::size_t SubscriptionTable::patterns_of(SubscriberId subscriber) const {
  const auto own = patterns_of_.find(subscriber);
  return own == patterns_of_.end() ? 0 : own->second.size();
}

std::vector<std::string> SubscriptionTable::pattern_texts(SubscriberId subscriber) const {
  std::vector<std::string> texts;
  const auto own = patterns_of_.find(subscriber);
  if (own == patterns_of_.end()) return texts;
  texts.reserve(own->second.size());
  own->second.for_each([this, &texts](PatternId id) { texts.push_back(trie_.text_of(id)); });
  return texts;
}

}  // namespace busrt::routing
