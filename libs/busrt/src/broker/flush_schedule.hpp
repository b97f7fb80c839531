// When each session of a shard writes what is queued for it.
//
// An output with data is written at the end of the batch. An output that has only acks may wait: the shard
// looks for more events once, and the acks leave in one write with what these events bring (deferred ack).
// How often the shard looks is decided by whether that paid before (adaptive spin).
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "broker/grow.hpp"
#include "broker/session_output.hpp"
#include "transport/adaptive_spin.hpp"

namespace busrt::broker {

/// Belongs to one shard's thread. `flush` is called with each output; it may close sessions, and queues
/// nothing.
class FlushSchedule {
 public:
  /// Makes room for so many outputs, so that to mark one never needs memory.
  void reserve(std::size_t outputs) {
    for (auto* list : {&dirty_, &deferred_, &overdue_}) grow(*list, outputs);
  }

  /// Something is queued: write it at the end of the batch.
  void mark(SessionOutput& output) {
    if (std::exchange(output.dirty, true)) return;
    dirty_.push_back(&output);
  }
  /// An ack is queued: it may wait for more output to the same client.
  void defer(SessionOutput& output) {
    if (output.dirty || std::exchange(output.deferred, true)) return;
    deferred_.push_back(&output);
  }
  /// A realtime frame is queued: write at the end of this read, not of the batch.
  void flush_after_read() noexcept { flush_after_read_ = true; }
  [[nodiscard]] bool take_flush_after_read() noexcept { return std::exchange(flush_after_read_, false); }

  [[nodiscard]] bool has_marked() const noexcept { return !dirty_.empty(); }
  [[nodiscard]] bool has_deferred() const noexcept { return !deferred_.empty(); }
  /// The deferred acks have waited long enough: flush_overdue() writes them.
  void end_deferral() noexcept { std::swap(overdue_, deferred_); }

  template <class Flush>
  void flush_marked(Flush flush) {
    for (SessionOutput* output : dirty_) {
      output->dirty = false;
      if (!output->end().closing()) flush(*output);
    }
    dirty_.clear();
  }
  template <class Flush>
  void flush_overdue(Flush flush) {
    for (SessionOutput* output : overdue_) {
      output->deferred = false;
      if (!output->end().closing()) flush(*output);
    }
    overdue_.clear();
  }
  /// Takes an output that ends out of all lists.
  void forget(SessionOutput& output) noexcept {
    if (output.dirty) std::erase(dirty_, &output);
    if (!output.deferred) return;
    std::erase(deferred_, &output);
    std::erase(overdue_, &output);
  }

  /// Decides whether it pays to look for more events before lone acks are written.
  [[nodiscard]] transport::AdaptiveSpin& spin() noexcept { return spin_; }

 private:
  std::vector<SessionOutput*> dirty_;
  std::vector<SessionOutput*> deferred_;  // have acks that may wait until the end of the next batch
  std::vector<SessionOutput*> overdue_;   // those whose acks have waited that long
  bool flush_after_read_ = false;
  transport::AdaptiveSpin spin_;
};

}  // namespace busrt::broker
