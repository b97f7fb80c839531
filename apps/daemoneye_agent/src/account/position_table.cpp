#include "account/position_table.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <type_traits>

namespace daemoneye_agent {
namespace {

/// "dposit01": the digits are the version of the layout.
constexpr std::uint64_t layout_mark = 0x31307469736f7064U;

/// Without them, another holder of the descriptor could make the mapping fail (SIGBUS).
constexpr int wanted_seals = F_SEAL_SHRINK | F_SEAL_GROW;

struct Slot {
  std::array<char, PositionTable::max_name + 1> name;  ///< ends with a zero byte; empty: free
  std::uint64_t generation;                            ///< its lowest bit says which of the two is whole
  std::array<Position, 2> positions;
};

}  // namespace

struct PositionTable::Layout {
  std::uint64_t mark;
  std::array<Slot, slots> entries;
};

PositionTable::~PositionTable() {
  if (mapped_ != nullptr) ::munmap(mapped_, sizeof(Layout));
}

busrt::base::Result<PositionTable> PositionTable::map(busrt::base::UniqueFd memory) {
  static_assert(std::is_trivially_copyable_v<Layout>);
  void* const mapped = ::mmap(nullptr, sizeof(Layout), PROT_READ | PROT_WRITE, MAP_SHARED, memory.get(), 0);
  if (mapped == MAP_FAILED) return busrt::base::fail_errno(errno, "the table of positions");
  return PositionTable(std::move(memory), static_cast<Layout*>(mapped));
}

busrt::base::Result<PositionTable> PositionTable::create() {
  busrt::base::UniqueFd memory(::memfd_create("daemoneye-positions", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory || ::ftruncate(memory.get(), sizeof(Layout)) != 0 ||
      ::fcntl(memory.get(), F_ADD_SEALS, wanted_seals | F_SEAL_SEAL) != 0) {
    return busrt::base::fail_errno(errno, "memory for the table of positions");
  }
  auto table = map(std::move(memory));
  if (table) table->mapped_->mark = layout_mark;
  return table;
}

busrt::base::Result<PositionTable> PositionTable::open(busrt::base::UniqueFd memory) {
  struct stat found{};
  const int seals = ::fcntl(memory.get(), F_GET_SEALS);
  const bool sound = seals >= 0 && (seals & wanted_seals) == wanted_seals &&
                     ::fstat(memory.get(), &found) == 0 &&
                     found.st_size == static_cast<off_t>(sizeof(Layout));
  if (!sound) return busrt::base::fail_errno(EINVAL, "no table of positions");
  auto table = map(std::move(memory));
  if (table && table->mapped_->mark != layout_mark)
    return busrt::base::fail_errno(EINVAL, "a table of positions of another version");
  return table;
}

std::optional<std::size_t> PositionTable::slot_of(std::string_view collector) {
  if (collector.empty() || collector.size() > max_name) return std::nullopt;
  for (std::size_t i = 0; i < slots; ++i) {
    Slot& slot = mapped_->entries[i];
    if (slot.name.back() != '\0') continue;
    if (std::string_view(slot.name.data()) == collector) return i;
    if (slot.name.front() != '\0') continue;
    std::memcpy(slot.name.data() + 1, collector.data() + 1, collector.size() - 1);
    std::atomic_signal_fence(std::memory_order_release);
    slot.name.front() = collector.front();
    return i;
  }
  return std::nullopt;
}

void PositionTable::write(std::size_t slot, const Position& position) noexcept {
  Slot& entry = mapped_->entries[slot];
  const std::uint64_t next = entry.generation + 1;
  entry.positions[next & 1U] = position;
  std::atomic_ref(entry.generation).store(next, std::memory_order_release);
}

std::vector<std::pair<std::string, Position>> PositionTable::read() const {
  std::vector<std::pair<std::string, Position>> found;
  for (const Slot& slot : mapped_->entries) {
    if (slot.name.front() == '\0' || slot.name.back() != '\0') continue;
    const Position& position = slot.positions[slot.generation & 1U];
    if (position.epoch != 0) found.emplace_back(slot.name.data(), position);
  }
  return found;
}

}  // namespace daemoneye_agent
