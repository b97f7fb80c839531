// See name_tree.hpp.
#include "routing/name_tree.hpp"

#include <algorithm>
#include <span>

#include "routing/keyed_hash.hpp"
#include "routing/pattern.hpp"
#include "routing/segments.hpp"

namespace busrt::routing {

namespace {

/// The pieces of a text: segments, but the last one that may be is all that is left.
class PieceReader {
 public:
  explicit PieceReader(std::string_view text) noexcept : segments_(text, dotted_alphabet.separator) {}
  [[nodiscard]] bool more() const noexcept { return segments_.more(); }
  [[nodiscard]] bool at_last() const noexcept { return taken_ + 1 == limits::indexed_name_segments; }
  [[nodiscard]] std::string_view next() noexcept {
    const std::string_view piece = at_last() ? segments_.take_rest() : segments_.next();
    ++taken_;
    return piece;
  }

 private:
  SegmentReader segments_;
  std::size_t taken_ = 0;
};

bool has_wildcard(std::string_view mask) noexcept {
  SegmentReader segments(mask, dotted_alphabet.separator);
  while (segments.more()) {
    const std::string_view segment = segments.next();
    if (dotted_alphabet.is_one(segment) || dotted_alphabet.is_rest(segment)) return true;
  }
  return false;
}

}  // namespace

void NameTree::insert(std::string_view name, SubscriberId id) {
  if (tree_.size() == 0) {
    tree_.reserve(1);
    tree_.add(none);
  }
  std::uint32_t at = root;
  std::uint32_t length = 0;
  for (PieceReader pieces(name); pieces.more(); ++length) {
    const std::string_view piece = pieces.next();
    const std::uint64_t hash = keyed_hash(piece);
    std::uint32_t child = tree_.child(at, piece, hash);
    if (child == none) {
      try {
        child = tree_.add(at);
        tree_.link(child, piece, hash);
      } catch (...) {
        if (child != none) tree_.free(child);
        prune(at);
        throw;
      }
      tree_[child].next = tree_[at].first;
      if (tree_[at].first != none) tree_[tree_[at].first].previous = child;
      tree_[at].first = child;
    }
    at = child;
  }
  tree_[at].id = id;
  for (; at != none; at = tree_[at].parent) tree_[at].reach = std::max(tree_[at].reach, length);
}

void NameTree::erase(std::string_view name) noexcept {
  if (tree_.size() == 0) return;
  std::uint32_t at = root;
  for (PieceReader pieces(name); at != none && pieces.more();) at = tree_.child(at, pieces.next());
  if (at == none) return;
  tree_[at].id = none;
  prune(at);
}

/// Drops `id` and the nodes on the way to it as far as they lead to no name.
void NameTree::prune(std::uint32_t id) noexcept {
  while (id != root && tree_[id].id == none && tree_[id].first == none) {
    const Node& node = tree_[id];
    const std::uint32_t parent = node.parent;
    (node.previous == none ? tree_[parent].first : tree_[node.previous].next) = node.next;
    if (node.next != none) tree_[node.next].previous = node.previous;
    tree_.unlink(id);
    tree_.free(id);
    id = parent;
  }
  if (id == root && tree_[root].first == none) tree_.clear();
}

class NameTree::Walk {
 public:
  Walk(const SegmentTree<Node>& tree, std::string_view mask, std::vector<SubscriberId>& out) noexcept
      : tree_(tree), out_(out) {
    PieceReader reader(mask);
    while (reader.more()) {
      const bool last = reader.at_last();
      Piece& piece = pieces_[count_++];
      piece.text = reader.next();
      if (last && has_wildcard(piece.text)) {
        piece.kind = Piece::Kind::several;
      } else if (dotted_alphabet.is_rest(piece.text)) {
        piece.kind = Piece::Kind::rest;
        break;  // what follows is ignored
      } else if (dotted_alphabet.is_one(piece.text)) {
        piece.kind = Piece::Kind::one;
      } else {
        piece.hash = keyed_hash(piece.text);
      }
    }
  }

  /// The names below `at` that the pieces from `depth` on match.
  void visit(std::uint32_t at, std::size_t depth) {
    const Node& node = tree_[at];
    ++steps_;
    if (depth == count_) return take(node);
    if (node.reach < count_) return;
    const Piece& piece = pieces_[depth];
    switch (piece.kind) {
      case Piece::Kind::word:
        if (const std::uint32_t child = tree_.child(at, piece.text, piece.hash); child != none) {
          visit(child, depth + 1);
        }
        break;
      case Piece::Kind::one:
        for_children(node, [this, depth](std::uint32_t child) { visit(child, depth + 1); });
        break;
      case Piece::Kind::rest:
        for_children(node, [this](std::uint32_t child) { take_all(child); });
        break;
      case Piece::Kind::several:
        for_children(node, [this, &piece](std::uint32_t child) {
          ++steps_;
          if (mask_matches(piece.text, tree_[child].text)) take(tree_[child]);
        });
        break;
    }
  }
  [[nodiscard]] std::size_t steps() const noexcept { return steps_; }

 private:
  template <class Action>
  void for_children(const Node& node, Action&& action) const {
    for (std::uint32_t child = node.first; child != none; child = tree_[child].next) action(child);
  }
  void take(const Node& node) {
    if (node.id == none) return;
    out_.push_back(node.id);
    ++steps_;
  }
  void take_all(std::uint32_t at) {
    ++steps_;
    take(tree_[at]);
    for_children(tree_[at], [this](std::uint32_t child) { take_all(child); });
  }

  const SegmentTree<Node>& tree_;
  std::vector<SubscriberId>& out_;
  std::array<Piece, limits::indexed_name_segments> pieces_;
  std::size_t count_ = 0;
  std::size_t steps_ = 0;
};

std::size_t NameTree::match(std::string_view mask, std::vector<SubscriberId>& out) const {
  if (tree_.size() == 0) return 0;
  Walk walk(tree_, mask, out);
  walk.visit(root, 0);
  return walk.steps();
}

}  // namespace busrt::routing
