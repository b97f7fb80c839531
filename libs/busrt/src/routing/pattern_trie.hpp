// A set of patterns of both notations, each with a small number, that finds all patterns matching a topic.
// The heart of the subscription table.
//
// Three roots: patterns without a wildcard hang whole on one and cost a single lookup; the others form one
// trie per notation, in which a lookup visits at most one node of each shape (shape_tree.hpp).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "busrt/limits.hpp"
#include "routing/id_index.hpp"
#include "routing/keyed_hash.hpp"
#include "routing/segment_tree.hpp"
#include "routing/segments.hpp"
#include "routing/shape_tree.hpp"

namespace busrt::routing {

/// Stable number of a pattern while it is in the trie; small, and used again after the pattern is gone.
using PatternId = std::uint32_t;
inline constexpr PatternId no_pattern = IdIndex::none;

/// Owned by one thread at a time; concurrent const calls are safe.
class PatternTrie {
 public:
  PatternTrie() = default;
  PatternTrie(const PatternTrie&) = delete;
  PatternTrie& operator=(const PatternTrie&) = delete;

  /// Adds a pattern that pattern_problem() accepts, and returns its number, the old one where it was there
  /// already. Spellings that mean the same (`a/#`, `a/#/b`) share one number.
  PatternId insert(std::string_view pattern);

  /// The pattern's number, or no_pattern.
  [[nodiscard]] PatternId find(std::string_view pattern) const;

  /// The pattern in its canonical spelling, without what is ignored after its rest wildcard.
  [[nodiscard]] std::string text_of(PatternId pattern) const;

  /// Removes a pattern by a number that insert() or find() returned, and every node that served it alone.
  /// Returns how many nodes.
  std::size_t erase(PatternId pattern);

  [[nodiscard]] std::size_t size() const noexcept { return patterns_; }
  /// Nodes in use, roots included: what the trie's memory is proportional to.
  [[nodiscard]] std::size_t nodes() const noexcept { return tree_.size(); }
  /// The shapes of the patterns with wildcards, and of their fronts.
  [[nodiscard]] const ShapeTree& shapes() const noexcept { return shapes_; }
  [[nodiscard]] ShapeTree::Id shape_of(PatternId pattern) const noexcept { return tree_[pattern].shape; }

  /// Calls `visit(PatternId)` once for each pattern that matches `topic`, in no particular order. Never
  /// allocates. Returns how many nodes it visited: each at most once, and at most one of each shape.
  template <class Visit>
  std::size_t visit_matches(std::string_view topic, Visit&& visit) const {
    if (patterns_ == 0) return 0;
    // In a large trie each lookup waits for memory: the one by the whole topic gets its way while the others
    // are walked.
    const bool exact = tree_[exact_root].edges != 0;
    const std::uint64_t whole_hash = exact ? keyed_hash(topic) : 0;
    if (exact) tree_.prefetch(exact_root, whole_hash);
    std::size_t visited = walk(path_root, path_alphabet.separator, topic, visit) +
                          walk(dotted_root, dotted_alphabet.separator, topic, visit);
    const std::uint32_t whole = exact ? tree_.child(exact_root, topic, whole_hash) : no_node;
    if (whole != no_node) {
      visit(whole);
      ++visited;
    }
    return visited;
  }

 private:
  static constexpr std::uint32_t no_node = IdIndex::none;
  static constexpr std::uint32_t exact_root = 0;
  static constexpr std::uint32_t path_root = 1;
  static constexpr std::uint32_t dotted_root = 2;
  static constexpr std::uint32_t root_count = 3;

  /// Under exact_root `text` is the whole pattern.
  struct Node : SegmentNode {
    std::uint32_t one = none;               ///< child by the one-segment wildcard
    std::uint32_t rest = none;              ///< child by the rest wildcard; a leaf
    ShapeTree::Id shape = ShapeTree::none;  ///< none under exact_root
    bool terminal = false;                  ///< a pattern ends here
  };

  /// The front of a topic, cut as far as a walk has needed it.
  struct Cut {
    struct Segment {
      std::string_view text;
      std::uint64_t hash;
    };
    SegmentReader reader;
    std::size_t count = 0;
    std::array<Segment, limits::max_topic_segments> segments;

    Cut(std::string_view topic, char separator) noexcept : reader(topic, separator) {}
    /// Only nodes above the deepest ask, so depth stays below max_topic_segments, however long the topic is.
    const Segment& at(std::size_t depth) noexcept {
      while (count <= depth) {
        const std::string_view text = reader.next();
        segments[count++] = {text, keyed_hash(text)};
      }
      return segments[depth];
    }
    /// True where the topic has exactly `depth` segments.
    [[nodiscard]] bool ends_at(std::size_t depth) const noexcept { return count == depth && !reader.more(); }
  };

  template <class Visit>
  std::size_t walk(std::uint32_t root, char separator, std::string_view topic, Visit& visit) const {
    struct Step {
      std::uint32_t node;
      std::uint32_t depth;  ///< segments of the topic that led here
    };
    if (bare(tree_[root])) return 0;
    Cut cut(topic, separator);
    // A node adds at most two steps for the one it takes away, and they are one level deeper.
    std::array<Step, limits::max_topic_segments + 2> steps;
    std::size_t left = 0;
    std::size_t visited = 0;
    steps[left++] = {root, 0};
    while (left != 0) {
      const Step step = steps[--left];
      const Node& node = tree_[step.node];
      ++visited;
      if (cut.ends_at(step.depth)) {
        if (node.terminal) visit(step.node);
        continue;
      }
      if (node.rest != no_node) {
        visit(node.rest);
        ++visited;
      }
      if (node.one == no_node && node.edges == 0) continue;
      const auto& segment = cut.at(step.depth);
      if (node.one != no_node) steps[left++] = {node.one, step.depth + 1};
      if (node.edges == 0) continue;
      const std::uint32_t next = tree_.child(step.node, segment.text, segment.hash);
      if (next != no_node) steps[left++] = {next, step.depth + 1};
    }
    return visited;
  }

  [[nodiscard]] static bool bare(const Node& node) noexcept {
    return node.edges == 0 && node.one == no_node && node.rest == no_node;
  }
  std::uint32_t grow_segments(std::uint32_t root, std::string_view pattern, const Alphabet& alphabet);
  std::uint32_t grow_wildcard(std::uint32_t parent, SegmentKind kind);
  std::uint32_t grow_word(std::uint32_t parent, std::string_view text);
  std::uint32_t new_node(std::uint32_t parent, SegmentKind kind);
  std::size_t prune(std::uint32_t id) noexcept;
  void drop_node(std::uint32_t id) noexcept;
  void free_node(std::uint32_t id) noexcept;

  SegmentTree<Node> tree_;
  ShapeTree shapes_;
  std::size_t patterns_ = 0;
};

}  // namespace busrt::routing
