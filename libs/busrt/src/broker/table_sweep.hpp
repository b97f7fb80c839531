// Takes the patterns of clients that left out of the tables, slice by slice between the batches.
#pragma once

#include <utility>

#include "broker/registry.hpp"
#include "broker/shard.hpp"

namespace busrt::broker {

/// Belongs to one shard's thread. Both must outlive it, and the shard's mail ends before it does.
class TableSweep {
 public:
  TableSweep(Shard& shard, Registry& registry) noexcept : shard_(shard), registry_(registry) {}

  /// Sweeps in mail to the own shard, until nothing is left.
  void start() {
    if (!registry_.has_departed() || std::exchange(posted_, true)) return;
    shard_.post([this] {
      posted_ = false;
      if (registry_.sweep()) start();
    });
  }

 private:
  Shard& shard_;
  Registry& registry_;
  bool posted_ = false;
};

}  // namespace busrt::broker
