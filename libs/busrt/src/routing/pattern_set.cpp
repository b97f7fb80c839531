// See pattern_set.hpp.
#include "routing/pattern_set.hpp"

#include "routing/pattern_trie.hpp"

namespace busrt::routing {

PatternSet::PatternSet() noexcept = default;
PatternSet::PatternSet(PatternSet&&) noexcept = default;
PatternSet& PatternSet::operator=(PatternSet&&) noexcept = default;
PatternSet::~PatternSet() = default;

bool PatternSet::insert(std::string_view pattern) {
  if (pattern_problem(pattern) != nullptr) return false;
  if (trie_ == nullptr) trie_ = std::make_unique<PatternTrie>();
  const std::size_t before = trie_->size();
  trie_->insert(pattern);
  return trie_->size() != before;
}

bool PatternSet::erase(std::string_view pattern) {
  if (trie_ == nullptr) return false;
  const PatternId id = trie_->find(pattern);
  if (id == no_pattern) return false;
  trie_->erase(id);
  if (trie_->size() == 0) trie_.reset();
  return true;
}

bool PatternSet::matches(std::string_view topic) const {
  return trie_ != nullptr && !trie_->visit_matches(topic, [](PatternId) { return false; });
}

std::size_t PatternSet::size() const noexcept {
  return trie_ == nullptr ? 0 : trie_->size();
}

}  // namespace busrt::routing
