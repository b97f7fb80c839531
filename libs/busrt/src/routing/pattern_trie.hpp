// A set of patterns of both notations, each with a small number, that finds all patterns matching a topic.
// The heart of the subscription table and of the exclusion sets.
//
// Three roots: patterns without a wildcard hang whole on one and cost a single lookup; the others form one
// trie per notation. All edges of all nodes lie in one hash index, keyed by (parent, text), so that a node is
// small.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "busrt/limits.hpp"
#include "routing/chunked_array.hpp"
#include "routing/id_index.hpp"
#include "routing/keyed_hash.hpp"
#include "routing/segments.hpp"

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
  void erase(PatternId pattern);

  [[nodiscard]] std::size_t size() const noexcept { return patterns_; }
  /// Nodes in use, roots included: what the trie's memory is proportional to.
  [[nodiscard]] std::size_t nodes() const noexcept { return live_; }

  /// Calls `visit(PatternId) -> bool` once for each pattern that matches `topic`, in no particular order,
  /// until it returns false. Visits each node at most once and never allocates. Returns whether it went to
  /// the end.
  template <class Visit>
  bool visit_matches(std::string_view topic, Visit&& visit) const {
    if (patterns_ == 0) return true;
    // In a large trie each lookup waits for memory: the one by the whole topic gets its way while the others
    // are walked.
    const bool exact = nodes_[exact_root].edges != 0;
    const std::uint64_t whole_hash = exact ? keyed_hash(topic) : 0;
    if (exact) edges_.prefetch(edge_hash(exact_root, whole_hash));
    if (!walk(path_root, path_alphabet.separator, topic, visit) ||
        !walk(dotted_root, dotted_alphabet.separator, topic, visit)) {
      return false;
    }
    const std::uint32_t whole = exact ? child(exact_root, topic, whole_hash) : no_node;
    return whole == no_node || visit(whole);
  }

 private:
  static constexpr std::uint32_t no_node = IdIndex::none;
  static constexpr std::uint32_t exact_root = 0;
  static constexpr std::uint32_t path_root = 1;
  static constexpr std::uint32_t dotted_root = 2;
  static constexpr std::uint32_t root_count = 3;

  struct Node {
    std::string text;                ///< the segment on the way here, or the whole pattern under exact_root
    std::uint32_t parent = no_node;  ///< for a freed node: the next free one
    std::uint32_t edges = 0;         ///< children in the index, `one` and `rest` not counted
    std::uint32_t one = no_node;     ///< child by the one-segment wildcard
    std::uint32_t rest = no_node;    ///< child by the rest wildcard; a leaf
    bool terminal = false;           ///< a pattern ends here
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
  bool walk(std::uint32_t root, char separator, std::string_view topic, Visit& visit) const {
    struct Step {
      std::uint32_t node;
      std::uint32_t depth;  ///< segments of the topic that led here
    };
    if (nodes_[root].edges == 0 && nodes_[root].one == no_node && nodes_[root].rest == no_node) return true;
    Cut cut(topic, separator);
    // A node adds at most two steps for the one it takes away, and they are one level deeper.
    std::array<Step, limits::max_topic_segments + 2> steps;
    std::size_t left = 0;
    steps[left++] = {root, 0};
    while (left != 0) {
      const Step step = steps[--left];
      const Node& node = nodes_[step.node];
      if (cut.ends_at(step.depth)) {
        if (node.terminal && !visit(step.node)) return false;
        continue;
      }
      if (node.rest != no_node && !visit(node.rest)) return false;
      if (node.one == no_node && node.edges == 0) continue;
      const auto& segment = cut.at(step.depth);
      if (node.one != no_node) steps[left++] = {node.one, step.depth + 1};
      if (node.edges == 0) continue;
      const std::uint32_t next = child(step.node, segment.text, segment.hash);
      if (next != no_node) steps[left++] = {next, step.depth + 1};
    }
    return true;
  }

  [[nodiscard]] std::uint32_t child(std::uint32_t parent, std::string_view text) const {
    return nodes_[parent].edges == 0 ? no_node : child(parent, text, keyed_hash(text));
  }
  [[nodiscard]] std::uint32_t child(std::uint32_t parent, std::string_view text,
                                    std::uint64_t text_hash) const {
    return edges_.find(edge_hash(parent, text_hash), [this, parent, text](std::uint32_t id) {
      const Node& node = nodes_[id];
      return node.parent == parent && node.text == text;
    });
  }
  std::uint32_t grow_segments(std::uint32_t root, std::string_view pattern, const Alphabet& alphabet);
  std::uint32_t grow_wildcard(std::uint32_t parent, std::uint32_t Node::* slot);
  std::uint32_t grow_literal(std::uint32_t parent, std::string_view text);
  std::uint32_t new_node(std::uint32_t parent);
  void drop_node(std::uint32_t id);
  void free_node(std::uint32_t id) noexcept;

  ChunkedArray<Node> nodes_;
  IdIndex edges_;
  std::uint32_t used_ = 0;        // nodes ever handed out since the trie was last empty
  std::uint32_t free_ = no_node;  // list of dropped nodes, linked by parent
  std::size_t live_ = 0;
  std::size_t patterns_ = 0;
};

}  // namespace busrt::routing
