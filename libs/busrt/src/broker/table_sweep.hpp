// Takes the patterns of clients that left out of the tables, slice by slice between the batches.
#pragma once

#include "broker/registry.hpp"
#include "broker/shard.hpp"

namespace busrt::broker {

/// Belongs to one shard's thread. Both must outlive it, and the shard's mail ends before it does.
class TableSweep {
 public:
  TableSweep(Shard& shard, Registry& registry) noexcept : shard_(shard), registry_(registry) {}

  /// Sweeps in mail to the own shard, until nothing is left.
  void start() {
    if (!registry_.has_departed() || posted_) return;
    shard_.post([this] {
      posted_ = false;
      if (registry_.sweep()) start();
    });
    // Not before: if there is no memory for the mail, the next departure starts the sweep.
    posted_ = true;
  }

 private:
  Shard& shard_;
  Registry& registry_;
  bool posted_ = false;
};

}  // namespace busrt::broker
