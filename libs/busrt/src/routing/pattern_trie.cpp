// Growing and pruning the trie; the walk itself is in the header. See pattern_trie.hpp.
#include "routing/pattern_trie.hpp"

#include <cassert>
#include <utility>
#include <vector>

namespace busrt::routing {

namespace {

bool has_wildcard(std::string_view pattern, const Alphabet& alphabet) noexcept {
  SegmentReader segments(pattern, alphabet.separator);
  while (segments.more()) {
    const std::string_view segment = segments.next();
    if (alphabet.is_one(segment) || alphabet.is_rest(segment)) return true;
  }
  return false;
}

}  // namespace

PatternId PatternTrie::insert(std::string_view pattern) {
  assert(pattern_problem(pattern) == nullptr);
  if (tree_.size() == 0) {
    // Only these two can fail, and leave nothing behind.
    tree_.reserve(root_count);
    const ShapeTree::Id path_shape = shapes_.root();
    const ShapeTree::Id dotted_shape = shapes_.root();
    for (std::uint32_t root = 0; root < root_count; ++root) tree_.add(no_node);
    tree_[path_root].shape = path_shape;
    tree_[dotted_root].shape = dotted_shape;
  }
  const Notation notation = notation_of(pattern);
  const Alphabet& alphabet = alphabet_of(notation);
  const std::uint32_t at =
      has_wildcard(pattern, alphabet)
          ? grow_segments(notation == Notation::dotted ? dotted_root : path_root, pattern, alphabet)
          : grow_word(exact_root, pattern);
  if (!std::exchange(tree_[at].terminal, true)) ++patterns_;
  return at;
}

PatternId PatternTrie::find(std::string_view pattern) const {
  if (patterns_ == 0) return no_pattern;
  const Notation notation = notation_of(pattern);
  const Alphabet& alphabet = alphabet_of(notation);
  if (!has_wildcard(pattern, alphabet)) return tree_.child(exact_root, pattern);
  std::uint32_t at = notation == Notation::dotted ? dotted_root : path_root;
  SegmentReader segments(pattern, alphabet.separator);
  while (at != no_node && segments.more()) {
    const std::string_view segment = segments.next();
    if (alphabet.is_rest(segment)) return tree_[at].rest;
    at = alphabet.is_one(segment) ? tree_[at].one : tree_.child(at, segment);
  }
  return at != no_node && tree_[at].terminal ? at : no_pattern;
}

std::string PatternTrie::text_of(PatternId pattern) const {
  std::vector<std::uint32_t> way;
  std::uint32_t root = pattern;
  for (; root >= root_count; root = tree_[root].parent) way.push_back(root);
  const Alphabet& alphabet = root == dotted_root ? dotted_alphabet : path_alphabet;
  std::string text;
  for (auto id = way.rbegin(); id != way.rend(); ++id) {
    const Node& parent = tree_[tree_[*id].parent];
    if (id != way.rbegin()) text += alphabet.separator;
    if (parent.one == *id) {
      text += alphabet.one;
    } else if (parent.rest == *id) {
      text += alphabet.rest;
    } else {
      text += tree_[*id].text;
    }
  }
  return text;
}

std::size_t PatternTrie::erase(PatternId pattern) {
  assert(tree_[pattern].terminal);
  tree_[pattern].terminal = false;
  --patterns_;
  return prune(pattern);
}

/// Drops `id` and the nodes on the way to it as far as they lead nowhere. Returns how many.
std::size_t PatternTrie::prune(std::uint32_t id) noexcept {
  std::size_t dropped = 0;
  while (id >= root_count && !tree_[id].terminal && bare(tree_[id])) {
    const std::uint32_t parent = tree_[id].parent;
    drop_node(id);
    id = parent;
    ++dropped;
  }
  if (patterns_ == 0) {
    tree_.clear();
    shapes_ = {};
  }
  return dropped;
}

std::uint32_t PatternTrie::grow_segments(std::uint32_t root, std::string_view pattern,
                                         const Alphabet& alphabet) {
  std::uint32_t at = root;
  SegmentReader segments(pattern, alphabet.separator);
  try {
    while (segments.more()) {
      const std::string_view segment = segments.next();
      if (alphabet.is_rest(segment)) return grow_wildcard(at, SegmentKind::rest);
      at = alphabet.is_one(segment) ? grow_wildcard(at, SegmentKind::one) : grow_word(at, segment);
    }
  } catch (...) {
    prune(at);
    throw;
  }
  return at;
}

std::uint32_t PatternTrie::grow_wildcard(std::uint32_t parent, SegmentKind kind) {
  std::uint32_t Node::* const slot = kind == SegmentKind::one ? &Node::one : &Node::rest;
  if (tree_[parent].*slot == no_node) {
    const std::uint32_t id = new_node(parent, kind);
    tree_[parent].*slot = id;
  }
  return tree_[parent].*slot;
}

std::uint32_t PatternTrie::grow_word(std::uint32_t parent, std::string_view text) {
  const std::uint64_t text_hash = keyed_hash(text);
  if (const std::uint32_t found = tree_.child(parent, text, text_hash); found != no_node) return found;
  const std::uint32_t id = new_node(parent, SegmentKind::word);
  try {
    tree_.link(id, text, text_hash);
  } catch (...) {
    free_node(id);
    throw;
  }
  return id;
}

std::uint32_t PatternTrie::new_node(std::uint32_t parent, SegmentKind kind) {
  const std::uint32_t id = tree_.add(parent);
  if (parent == exact_root) return id;
  try {
    tree_[id].shape = shapes_.enter(tree_[parent].shape, kind);
  } catch (...) {
    tree_.free(id);
    throw;
  }
  return id;
}

void PatternTrie::drop_node(std::uint32_t id) noexcept {
  Node& parent = tree_[tree_[id].parent];
  if (parent.one == id) {
    parent.one = no_node;
  } else if (parent.rest == id) {
    parent.rest = no_node;
  } else {
    tree_.unlink(id);
  }
  free_node(id);
}

void PatternTrie::free_node(std::uint32_t id) noexcept {
  if (const ShapeTree::Id shape = tree_[id].shape; shape != ShapeTree::none) shapes_.leave(shape);
  tree_.free(id);
}

}  // namespace busrt::routing
