// A tree of texts that are cut into segments: what the trie of patterns and the tree of client names share.
// Nodes go by small numbers. All edges of all nodes lie in one hash index, keyed by (parent, text), so that a
// node is small.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "routing/chunked_array.hpp"
#include "routing/id_index.hpp"
#include "routing/keyed_hash.hpp"

namespace busrt::routing {

/// What every node of a SegmentTree has.
struct SegmentNode {
  static constexpr std::uint32_t none = IdIndex::none;

  std::string text;             ///< the segment on the way here
  std::uint32_t parent = none;  ///< for a freed node: the next free one
  std::uint32_t edges = 0;      ///< children that the index knows by their text
};

/// `Node` derives from SegmentNode. Owned by one thread at a time; concurrent const calls are safe.
template <class Node>
class SegmentTree {
 public:
  static constexpr std::uint32_t none = SegmentNode::none;

  [[nodiscard]] Node& operator[](std::uint32_t id) noexcept { return nodes_[id]; }
  [[nodiscard]] const Node& operator[](std::uint32_t id) const noexcept { return nodes_[id]; }
  /// Nodes in use.
  [[nodiscard]] std::size_t size() const noexcept { return live_; }

  [[nodiscard]] std::uint32_t child(std::uint32_t parent, std::string_view text) const {
    return nodes_[parent].edges == 0 ? none : child(parent, text, keyed_hash(text));
  }
  [[nodiscard]] std::uint32_t child(std::uint32_t parent, std::string_view text,
                                    std::uint64_t text_hash) const {
    return edges_.find(edge_hash(parent, text_hash), [this, parent, text](std::uint32_t id) {
      const Node& node = nodes_[id];
      return node.parent == parent && node.text == text;
    });
  }
  /// Has the processor fetch where child() will look first.
  void prefetch(std::uint32_t parent, std::uint64_t text_hash) const noexcept {
    edges_.prefetch(edge_hash(parent, text_hash));
  }

  /// Makes room for the nodes 0 to `count` - 1 of an empty tree.
  void reserve(std::uint32_t count) { nodes_.reach(count - 1); }

  /// A new node that the index does not know.
  std::uint32_t add(std::uint32_t parent) {
    std::uint32_t id = free_;
    if (id != none) {
      free_ = nodes_[id].parent;
    } else {
      id = used_;
      nodes_.reach(id);
      ++used_;
    }
    nodes_[id].parent = parent;
    ++live_;
    return id;
  }
  /// Makes a node that add() returned the child of its parent by `text`, which it has not yet.
  void link(std::uint32_t id, std::string_view text, std::uint64_t text_hash) {
    Node& node = nodes_[id];
    node.text.assign(text);
    edges_.insert(edge_hash(node.parent, text_hash), id);
    ++nodes_[node.parent].edges;
  }
  /// Undoes link().
  void unlink(std::uint32_t id) noexcept {
    const Node& node = nodes_[id];
    edges_.erase(edge_hash(node.parent, keyed_hash(node.text)), id);
    --nodes_[node.parent].edges;
  }
  /// Gives a node's number back; it has no children and is not linked.
  void free(std::uint32_t id) noexcept {
    nodes_[id] = Node{};
    nodes_[id].parent = free_;
    free_ = id;
    --live_;
  }

  /// Frees every node and gives the memory back.
  void clear() noexcept {
    nodes_.clear();
    edges_.clear();
    used_ = 0;
    free_ = none;
    live_ = 0;
  }

 private:
  ChunkedArray<Node> nodes_;
  IdIndex edges_;
  std::uint32_t used_ = 0;     // nodes ever handed out since the tree was last empty
  std::uint32_t free_ = none;  // list of freed nodes, linked by parent
  std::size_t live_ = 0;
};

}  // namespace busrt::routing
