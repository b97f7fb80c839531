// Up to which number the account has each collector's run, in memory that outlives the agent.
//
// The table is a memfd that the keeper holds too. The agent writes it with plain stores as records arrive.
// After kill -9 the next agent reads it: numbers between the position and the first one that arrives now are
// missing, and numbers up to it are duplicates. One process writes, and another reads only after that one has
// ended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "busrt/base/result.hpp"
#include "busrt/base/unique_fd.hpp"

namespace daemoneye_agent {

/// The present run of one collector. Times are nanoseconds since 1970 UTC; 0: none.
struct Position {
  std::uint64_t epoch = 0;  ///< 0: no run is open
  std::uint64_t last = 0;   ///< the greatest number accounted
  std::uint64_t received = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t missing = 0;  ///< of the numbers up to `last`
  std::int64_t last_time = 0;
  std::int64_t holes_from = 0, holes_to = 0;

  bool operator==(const Position&) const = default;
};

/// Thread safety: none.
class PositionTable {
 public:
  static constexpr std::size_t slots = 64;
  /// The longest name of a collector that has a position, in bytes.
  static constexpr std::size_t max_name = 63;

  /// Makes an empty table. Errors: the system's own.
  [[nodiscard]] static busrt::base::Result<PositionTable> create();
  /// Maps a table that an earlier agent has made. Errors: EINVAL where it is none, or one of another version.
  [[nodiscard]] static busrt::base::Result<PositionTable> open(busrt::base::UniqueFd memory);
  PositionTable(PositionTable&& other) noexcept
      : memory_(std::move(other.memory_)), mapped_(std::exchange(other.mapped_, nullptr)) {}
  PositionTable& operator=(PositionTable&&) = delete;
  ~PositionTable();

  /// Returns the memory, for the keeper to hold.
  [[nodiscard]] const busrt::base::UniqueFd& memory() const noexcept { return memory_; }

  /// Returns the collector's slot, a new one where it has none. Nothing: the table is full, or the name too
  /// long.
  [[nodiscard]] std::optional<std::size_t> slot_of(std::string_view collector);
  /// A kill -9 in the middle leaves the earlier position.
  void write(std::size_t slot, const Position& position) noexcept;
  /// Returns every collector with an open run.
  [[nodiscard]] std::vector<std::pair<std::string, Position>> read() const;

 private:
  struct Layout;
  PositionTable(busrt::base::UniqueFd memory, Layout* mapped) noexcept
      : memory_(std::move(memory)), mapped_(mapped) {}
  [[nodiscard]] static busrt::base::Result<PositionTable> map(busrt::base::UniqueFd memory);

  busrt::base::UniqueFd memory_;
  Layout* mapped_;
};

}  // namespace daemoneye_agent
