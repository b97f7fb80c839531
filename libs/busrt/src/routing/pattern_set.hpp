// A set of topic patterns without owners: the exclusions of one client.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace busrt::routing {

class PatternTrie;

/// Owned by one thread at a time; concurrent const calls are safe. An empty set holds no memory.
class PatternSet {
 public:
  PatternSet() noexcept;
  PatternSet(PatternSet&&) noexcept;
  PatternSet& operator=(PatternSet&&) noexcept;
  ~PatternSet();

  /// Both say whether anything changed: false where the pattern (in any spelling of the same meaning) was
  /// there already, or was not; insert also for a pattern that pattern_problem() refuses.
  bool insert(std::string_view pattern);
  bool erase(std::string_view pattern);

  /// True where any pattern of the set matches. Does not allocate.
  [[nodiscard]] bool matches(std::string_view topic) const;
  [[nodiscard]] bool empty() const noexcept { return trie_ == nullptr; }
  [[nodiscard]] std::size_t size() const noexcept;

 private:
  std::unique_ptr<PatternTrie> trie_;  // null while the set is empty: most clients exclude nothing
};

}  // namespace busrt::routing
