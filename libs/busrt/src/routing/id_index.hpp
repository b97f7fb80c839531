// A hash set of 32-bit numbers that stand for something kept elsewhere: eight bytes a slot, linear probing,
// deletion without tombstones. The hash lives in the slot, so growing never touches what the numbers stand
// for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <utility>
#include <vector>

namespace busrt::routing {

/// Owned by one thread at a time.
class IdIndex {
 public:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// The number whose hash is `hash` and for which `equal(number)` holds, or `none`.
  template <class Equal>
  [[nodiscard]] std::uint32_t find(std::uint32_t hash, Equal&& equal) const {
    if (size_ == 0) return none;
    for (std::size_t at = hash & mask();; at = (at + 1) & mask()) {
      const Slot& slot = slots_[at];
      if (slot.id == none) return none;
      if (slot.hash == hash && equal(slot.id)) return slot.id;
    }
  }

  /// Has the processor fetch where find(hash) will look first.
  void prefetch(std::uint32_t hash) const noexcept {
    if (size_ != 0) __builtin_prefetch(&slots_[hash & mask()]);
  }

  /// Adds a number that is not in the set. `none` itself cannot be kept.
  void insert(std::uint32_t hash, std::uint32_t id) {
    if ((size_ + 1) * 4 > slots_.size() * 3) resize(slots_.empty() ? smallest : slots_.size() * 2);
    place({hash, id});
    ++size_;
  }

  /// Removes a number that was added with this hash; false where it is not in the set.
  bool erase(std::uint32_t hash, std::uint32_t id) {
    if (size_ == 0) return false;
    std::size_t hole = hash & mask();
    while (slots_[hole].id != id) {
      if (slots_[hole].id == none) return false;
      hole = (hole + 1) & mask();
    }
    close(hole);
    --size_;
    if (size_ == 0) {
      clear();
    } else if (slots_.size() > smallest && size_ * 8 < slots_.size()) {
      shrink();
    }
    return true;
  }

  /// Removes numbers, whichever come first, and calls `visit(number) -> bool` for each once it is out, until
  /// it returns false or none is left.
  template <class Visit>
  void take(Visit&& visit) {
    bool more = size_ != 0;
    for (std::size_t at = 0; more;) {
      while (slots_[at].id == none) ++at;
      const std::uint32_t id = slots_[at].id;
      close(at);
      if (--size_ == 0) clear();
      more = visit(id) && size_ != 0;
    }
    if (slots_.size() > smallest && size_ * 8 < slots_.size()) shrink();
  }

  /// Calls `visit(number)` for each, in no order. `visit` must not change the set.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const Slot& slot : slots_) {
      if (slot.id != none) visit(slot.id);
    }
  }

  /// Empties the set and gives its memory back.
  void clear() noexcept {
    std::vector<Slot>().swap(slots_);
    size_ = 0;
  }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t id = none;
  };
  static constexpr std::size_t smallest = 4;  // slots; a power of two, as every size

  [[nodiscard]] std::size_t mask() const noexcept { return slots_.size() - 1; }

  void place(Slot slot) noexcept {
    std::size_t at = slot.hash & mask();
    while (slots_[at].id != none) at = (at + 1) & mask();
    slots_[at] = slot;
  }

  // Moves later entries of the probe run back, so that no search stops early at the hole.
  void close(std::size_t hole) noexcept {
    for (std::size_t at = (hole + 1) & mask(); slots_[at].id != none; at = (at + 1) & mask()) {
      const std::size_t home = slots_[at].hash & mask();
      if (((at - home) & mask()) < ((at - hole) & mask())) continue;
      slots_[hole] = slots_[at];
      hole = at;
    }
    slots_[hole] = Slot{};
  }

  /// Where there is no memory to save memory, the table stays as it is: removing never fails.
  void shrink() noexcept {
    try {
      resize(slots_.size() / 2);
    } catch (const std::bad_alloc&) {
    }
  }

  void resize(std::size_t slots) {
    std::vector<Slot> old(slots);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.id != none) place(slot);
    }
  }

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
};

}  // namespace busrt::routing
