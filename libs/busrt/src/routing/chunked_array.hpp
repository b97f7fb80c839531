// An array that grows by chunks: elements never move, and no single growth costs more than one chunk, however
// many elements there are. The tables of routing live in it, because they grow while everybody waits for the
// router.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

namespace busrt::routing {

/// Owned by one thread at a time; references stay valid until clear().
template <class T>
class ChunkedArray {
 public:
  [[nodiscard]] T& operator[](std::size_t index) noexcept { return (*chunks_[index / chunk])[index % chunk]; }
  [[nodiscard]] const T& operator[](std::size_t index) const noexcept {
    return (*chunks_[index / chunk])[index % chunk];
  }

  /// Makes `index` valid; new elements are value-initialised.
  void reach(std::size_t index) {
    while (index >= chunks_.size() * chunk) chunks_.push_back(std::make_unique<std::array<T, chunk>>());
  }

  /// Destroys everything and gives the memory back.
  void clear() noexcept { std::vector<std::unique_ptr<std::array<T, chunk>>>().swap(chunks_); }

 private:
  static constexpr std::size_t chunk = 64;  // elements; small enough for a session's handful of exclusions

  std::vector<std::unique_ptr<std::array<T, chunk>>> chunks_;
};

}  // namespace busrt::routing
