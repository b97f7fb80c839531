// An array that grows by chunks: elements never move, and no single growth costs more than one chunk, however
// many elements there are. The tables of routing live in it, because they grow while everybody waits for the
// router.
//
// Chunks double from a few elements, enough for a small table, to a thousand: the list of
// a million elements' chunks stays in the processor's nearest cache.
#pragma once

#include <bit>
#include <cstddef>
#include <memory>
#include <vector>

namespace busrt::routing {

/// Owned by one thread at a time; references stay valid until clear().
template <class T>
class ChunkedArray {
 public:
  [[nodiscard]] T& operator[](std::size_t index) noexcept {
    const Place place = place_of(index);
    return chunks_[place.chunk][place.offset];
  }
  [[nodiscard]] const T& operator[](std::size_t index) const noexcept {
    const Place place = place_of(index);
    return chunks_[place.chunk][place.offset];
  }
  /// Has the processor fetch the element, which will be wanted soon.
  void prefetch(std::size_t index) const noexcept { __builtin_prefetch(&(*this)[index]); }

  /// Makes `index` valid; new elements are value-initialised.
  void reach(std::size_t index) {
    for (const std::size_t chunk = place_of(index).chunk; chunks_.size() <= chunk;) {
      chunks_.push_back(std::make_unique<T[]>(size_of(chunks_.size())));
    }
  }

  /// Destroys everything and gives the memory back.
  void clear() noexcept { std::vector<std::unique_ptr<T[]>>().swap(chunks_); }

 private:
  struct Place {
    std::size_t chunk, offset;
  };
  // Elements of the first chunk and of those that grow no more; powers of two.
  static constexpr std::size_t least = 64;
  static constexpr std::size_t most = 1024;
  // Chunks below `most` elements: the first, and those that double what there is. They hold `most` together.
  static constexpr std::size_t small_chunks = std::bit_width(most / least);

  [[nodiscard]] static constexpr Place place_of(std::size_t index) noexcept {
    if (index >= most) return {index / most + small_chunks - 1, index % most};
    if (index < least) return {0, index};
    return {static_cast<std::size_t>(std::bit_width(index / least)), index - std::bit_floor(index)};
  }
  [[nodiscard]] static constexpr std::size_t size_of(std::size_t chunk) noexcept {
    if (chunk >= small_chunks) return most;
    return chunk == 0 ? least : least << (chunk - 1);
  }

  std::vector<std::unique_ptr<T[]>> chunks_;
};

}  // namespace busrt::routing
