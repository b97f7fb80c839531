// Shapes bound what a publish costs.
//
// The shape of a pattern's front says which of its segments are words and which are wildcards, whatever the
// words: `a/+/b` and `x/+/y` have one shape. Of all fronts of one shape a topic matches at most one, because
// the topic itself gives the words. A lookup in the pattern trie therefore visits at most one node for each
// shape that the trie has, however many patterns there are, and finds at most one pattern of one client for
// each. Packet classifiers use the same bound ("tuple space search", Srinivasan, Suri and Varghese, SIGCOMM
// 1999).
//
// Shapes of n segments are at most 2^n. Those of up to limits::free_shape_segments are few by nature. The
// longer ones are *charged*: the tree counts them for the table, ShapeCharges for one client, and the
// registry refuses a pattern that passes a limit. Patterns without wildcards have no shape: they are found by
// one lookup.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "busrt/limits.hpp"
#include "routing/chunked_array.hpp"
#include "routing/id_index.hpp"

namespace busrt::routing {

enum class SegmentKind : std::uint8_t { word, one, rest };

/// The shapes of a trie's nodes, each with the number of nodes that have it. Owned by one thread at a time;
/// concurrent const calls are safe.
class ShapeTree {
 public:
  using Id = std::uint32_t;
  static constexpr Id none = IdIndex::none;

  /// A new shape of no segments, for a root.
  Id root();
  /// The shape of a node behind one of shape `front`. Counts one node more of it.
  Id enter(Id front, SegmentKind kind);
  /// Counts one node less; the shape goes with its last one.
  void leave(Id shape) noexcept;

  /// The shape without its last segment.
  [[nodiscard]] Id front_of(Id shape) const noexcept { return shapes_[shape].front; }
  [[nodiscard]] bool charged(Id shape) const noexcept {
    return shapes_[shape].segments > limits::free_shape_segments;
  }
  /// Shapes that are charged.
  [[nodiscard]] std::size_t charged() const noexcept { return charged_; }

 private:
  struct Shape {
    Id front = none;                             ///< for a freed one: the next free one
    std::array<Id, 3> longer{none, none, none};  ///< by SegmentKind
    std::uint32_t segments = 0;
    std::uint32_t nodes = 0;
    SegmentKind last = SegmentKind::word;
  };
  Id add();

  ChunkedArray<Shape> shapes_;
  Id used_ = 0;
  Id free_ = none;
  std::size_t charged_ = 0;
};

/// The charged shapes that one client's patterns have. Owned by one thread at a time.
class ShapeCharges {
 public:
  /// One pattern more, or less, that ends in `shape` (none: it has no wildcards). charge() changes nothing
  /// where it throws.
  void charge(const ShapeTree& tree, ShapeTree::Id shape);
  void release(const ShapeTree& tree, ShapeTree::Id shape) noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return uses_.size(); }

 private:
  // How many of the client's patterns end in the shape, and how many of its shapes are one segment longer.
  std::unordered_map<ShapeTree::Id, std::uint32_t> uses_;
};

}  // namespace busrt::routing
