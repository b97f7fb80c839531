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
  if (live_ == 0) {
    nodes_.reach(root_count - 1);  // all or none
    for (std::uint32_t root = 0; root < root_count; ++root) new_node(no_node);
  }
  const Notation notation = notation_of(pattern);
  const Alphabet& alphabet = alphabet_of(notation);
  const std::uint32_t at =
      has_wildcard(pattern, alphabet)
          ? grow_segments(notation == Notation::dotted ? dotted_root : path_root, pattern, alphabet)
          : grow_literal(exact_root, pattern);
  if (!std::exchange(nodes_[at].terminal, true)) ++patterns_;
  return at;
}

PatternId PatternTrie::find(std::string_view pattern) const {
  if (patterns_ == 0) return no_pattern;
  const Notation notation = notation_of(pattern);
  const Alphabet& alphabet = alphabet_of(notation);
  if (!has_wildcard(pattern, alphabet)) return child(exact_root, pattern);
  std::uint32_t at = notation == Notation::dotted ? dotted_root : path_root;
  SegmentReader segments(pattern, alphabet.separator);
  while (at != no_node && segments.more()) {
    const std::string_view segment = segments.next();
    if (alphabet.is_rest(segment)) return nodes_[at].rest;
    at = alphabet.is_one(segment) ? nodes_[at].one : child(at, segment);
  }
  return at != no_node && nodes_[at].terminal ? at : no_pattern;
}

std::string PatternTrie::text_of(PatternId pattern) const {
  std::vector<std::uint32_t> way;
  std::uint32_t root = pattern;
  for (; root >= root_count; root = nodes_[root].parent) way.push_back(root);
  const Alphabet& alphabet = root == dotted_root ? dotted_alphabet : path_alphabet;
  std::string text;
  for (auto id = way.rbegin(); id != way.rend(); ++id) {
    const Node& parent = nodes_[nodes_[*id].parent];
    if (id != way.rbegin()) text += alphabet.separator;
    if (parent.one == *id) {
      text += alphabet.one;
    } else if (parent.rest == *id) {
      text += alphabet.rest;
    } else {
      text += nodes_[*id].text;
    }
  }
  return text;
}

void PatternTrie::erase(PatternId pattern) {
  assert(nodes_[pattern].terminal);
  nodes_[pattern].terminal = false;
  if (--patterns_ == 0) {
    nodes_.clear();
    edges_.clear();
    used_ = 0;
    free_ = no_node;
    live_ = 0;
    return;
  }
  std::uint32_t at = pattern;
  while (at >= root_count) {
    const Node& node = nodes_[at];
    if (node.terminal || node.edges != 0 || node.one != no_node || node.rest != no_node) return;
    const std::uint32_t parent = node.parent;
    drop_node(at);
    at = parent;
  }
}

std::uint32_t PatternTrie::grow_segments(std::uint32_t root, std::string_view pattern,
                                         const Alphabet& alphabet) {
  std::uint32_t at = root;
  SegmentReader segments(pattern, alphabet.separator);
  while (segments.more()) {
    const std::string_view segment = segments.next();
    if (alphabet.is_rest(segment)) return grow_wildcard(at, &Node::rest);
    at = alphabet.is_one(segment) ? grow_wildcard(at, &Node::one) : grow_literal(at, segment);
  }
  return at;
}

std::uint32_t PatternTrie::grow_wildcard(std::uint32_t parent, std::uint32_t Node::* slot) {
  if (nodes_[parent].*slot == no_node) {
    const std::uint32_t id = new_node(parent);
    nodes_[parent].*slot = id;
  }
  return nodes_[parent].*slot;
}

std::uint32_t PatternTrie::grow_literal(std::uint32_t parent, std::string_view text) {
  const std::uint64_t text_hash = keyed_hash(text);
  if (const std::uint32_t found = child(parent, text, text_hash); found != no_node) return found;
  const std::uint32_t id = new_node(parent);
  try {
    nodes_[id].text.assign(text);
    edges_.insert(edge_hash(parent, text_hash), id);
  } catch (...) {
    free_node(id);
    throw;
  }
  ++nodes_[parent].edges;
  return id;
}

std::uint32_t PatternTrie::new_node(std::uint32_t parent) {
  std::uint32_t id = free_;
  if (id != no_node) {
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

void PatternTrie::drop_node(std::uint32_t id) {
  const Node& node = nodes_[id];
  Node& parent = nodes_[node.parent];
  if (parent.one == id) {
    parent.one = no_node;
  } else if (parent.rest == id) {
    parent.rest = no_node;
  } else {
    edges_.erase(edge_hash(node.parent, keyed_hash(node.text)), id);
    --parent.edges;
  }
  free_node(id);
}

void PatternTrie::free_node(std::uint32_t id) noexcept {
  nodes_[id] = Node{};
  nodes_[id].parent = free_;
  free_ = id;
  --live_;
}

}  // namespace busrt::routing
