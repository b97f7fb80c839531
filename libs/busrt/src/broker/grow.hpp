// Memory for lists, ahead of the time at which a lack of it could not be handled.
#pragma once

#include <algorithm>
#include <cstddef>

namespace busrt::broker {

/// Makes room for `size` elements in all. The capacity at least doubles when it grows.
template <class List>
void grow(List& list, std::size_t size) {
  if (list.capacity() < size) list.reserve(std::max(size, list.capacity() * 2));
}

}  // namespace busrt::broker
