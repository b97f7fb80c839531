// See shape_tree.hpp.
#include "routing/shape_tree.hpp"

#include <utility>

namespace busrt::routing {

ShapeTree::Id ShapeTree::root() {
  return add();
}

ShapeTree::Id ShapeTree::enter(Id front, SegmentKind kind) {
  const auto place = static_cast<std::size_t>(kind);
  Id id = shapes_[front].longer[place];
  if (id == none) {
    id = add();
    Shape& shape = shapes_[id];
    shape.front = front;
    shape.segments = shapes_[front].segments + 1;
    shape.last = kind;
    shapes_[front].longer[place] = id;
    if (charged(id)) ++charged_;
  }
  ++shapes_[id].nodes;
  return id;
}

ShapeTree::Id ShapeTree::add() {
  Id id = free_;
  if (id != none) {
    free_ = shapes_[id].front;
  } else {
    id = used_;
    shapes_.reach(id);
    ++used_;
  }
  shapes_[id] = Shape{};
  return id;
}

void ShapeTree::leave(Id id) noexcept {
  Shape& shape = shapes_[id];
  if (--shape.nodes != 0) return;
  if (charged(id)) --charged_;
  shapes_[shape.front].longer[static_cast<std::size_t>(shape.last)] = none;
  shape.front = std::exchange(free_, id);
}

void ShapeCharges::charge(const ShapeTree& tree, ShapeTree::Id shape) {
  ShapeTree::Id at = shape;
  try {
    for (; at != ShapeTree::none && tree.charged(at); at = tree.front_of(at)) {
      if (++uses_[at] != 1) return;
    }
  } catch (...) {
    // `at` has no entry, and those before it have one use each.
    for (ShapeTree::Id undo = shape; undo != at; undo = tree.front_of(undo)) uses_.erase(undo);
    throw;
  }
}

void ShapeCharges::release(const ShapeTree& tree, ShapeTree::Id shape) noexcept {
  for (ShapeTree::Id at = shape; at != ShapeTree::none && tree.charged(at); at = tree.front_of(at)) {
    const auto use = uses_.find(at);
    if (--use->second != 0) return;
    uses_.erase(use);
  }
}

}  // namespace busrt::routing
