// A sink that records what a source emits, for tests of sources.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

#include "daemoneye/collector/event_source.hpp"

namespace daemoneye::collector::testing {

/// A recording sink. It reads the data of an observation that came as text, so that tests find all data in
/// Observation::data. Thread safety: any thread.
class RecordingSink final : public EventSink {
 public:
  void emit(Observation observation) override;
  void report_loss(events::Loss loss) override;

  /// Returns copies of all observations so far.
  [[nodiscard]] std::vector<Observation> observations() const;
  /// Returns copies of all losses so far.
  [[nodiscard]] std::vector<events::Loss> losses() const;
  /// Returns the number of observations of this kind.
  [[nodiscard]] std::size_t count(std::string_view kind) const;
  /// Forgets all observations and losses.
  void clear();

  /// Waits until an observation satisfies `predicate`, which must not use the sink. Returns false if the
  /// deadline passes first.
  bool wait_for(const std::function<bool(const Observation&)>& predicate,
                std::chrono::milliseconds deadline = std::chrono::seconds(10));
  /// Waits until there are at least `count` observations. Returns false if the deadline passes first.
  bool wait_for_count(std::size_t count, std::chrono::milliseconds deadline = std::chrono::seconds(10));

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Observation> observations_;
  std::vector<events::Loss> losses_;
};

}  // namespace daemoneye::collector::testing
