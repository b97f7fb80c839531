// A sink that keeps what a source emits, for tests of sources.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

#include "collector_core/event_source.hpp"

namespace collector_core::testing {

/// Thread-safe.
class RecordingSink final : public EventSink {
 public:
  void emit(Observation observation) override;
  void report_loss(Loss loss) override;

  [[nodiscard]] std::vector<Observation> observations() const;
  [[nodiscard]] std::vector<Loss> losses() const;
  [[nodiscard]] std::size_t count(std::string_view kind) const;
  void clear();

  /// Blocks until an observation satisfies `predicate` (which must not use the sink), or until the deadline;
  /// false then.
  bool wait_for(const std::function<bool(const Observation&)>& predicate,
                std::chrono::milliseconds deadline = std::chrono::seconds(10));
  /// Blocks until so many observations are there.
  bool wait_for_count(std::size_t count, std::chrono::milliseconds deadline = std::chrono::seconds(10));

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Observation> observations_;
  std::vector<Loss> losses_;
};

}  // namespace collector_core::testing
