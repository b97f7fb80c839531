// Client names, indexed for broadcast masks: the counterpart of the pattern trie, since here the question has
// the wildcards.
//
// A tree by segments. A word of the mask is one lookup, and only `?` and `*` look at all children. A subtree
// whose names are shorter than the mask is not entered. Names are cut into limits::indexed_name_segments
// pieces at most, the last of which holds the whole rest: so a mask visits at most so many nodes for each
// name, and compares one piece with it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "busrt/limits.hpp"
#include "routing/segment_tree.hpp"
#include "routing/subscriber_list.hpp"

namespace busrt::routing {

/// Owned by one thread at a time; concurrent const calls are safe.
class NameTree {
 public:
  /// Adds a name that is not in the tree. Changes nothing where it throws.
  void insert(std::string_view name, SubscriberId id);
  /// Nothing happens where the name is not in the tree.
  void erase(std::string_view name) noexcept;

  /// Appends the numbers of all names that mask_matches() `mask` to `out`, in no order. Returns its work in
  /// steps: nodes that it visited and names that it found.
  std::size_t match(std::string_view mask, std::vector<SubscriberId>& out) const;

  [[nodiscard]] std::size_t nodes() const noexcept { return tree_.size(); }

 private:
  static constexpr std::uint32_t none = SegmentNode::none;
  static constexpr std::uint32_t root = 0;

  struct Node : SegmentNode {
    std::uint32_t first = none;  ///< of the children
    std::uint32_t next = none;   ///< of its parent's children
    std::uint32_t previous = none;
    std::uint32_t reach = 0;  ///< pieces of the longest name that was ever below
    SubscriberId id = none;   ///< of the name that ends here
  };
  struct Piece {
    enum class Kind : std::uint8_t { word, one, rest, several };
    Kind kind = Kind::word;
    std::string_view text;   ///< several: a mask for all that is left of the name
    std::uint64_t hash = 0;  ///< word
  };
  class Walk;

  void prune(std::uint32_t id) noexcept;

  SegmentTree<Node> tree_;
};

}  // namespace busrt::routing
