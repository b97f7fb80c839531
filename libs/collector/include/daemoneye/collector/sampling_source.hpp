// A source that looks at the host at an interval. It owns the thread, the interval and its setting; a derived
// class says what one look emits.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "daemoneye/collector/event_source.hpp"

namespace daemoneye::collector {

/// The setting `interval_ms` (a whole number from limits::sampling_least to limits::sampling_most) is the
/// time from the begin of one look to the begin of the next; it takes effect at once. A look that takes
/// longer delays the next one, and none is made up for.
class SamplingSource : public EventSource {
 public:
  explicit SamplingSource(std::chrono::milliseconds interval) : interval_(interval) {}
  /// Precondition: stopped, because the thread calls sample(). The runtime stops its sources.
  ~SamplingSource() override;

  boost::asio::awaitable<busrt::base::Result<>> start(EventSink& sink) override;
  /// Waits for the look that is under way.
  boost::asio::awaitable<void> stop() override;
  /// Returns {looks, interval_ms, degraded?}. A derived class adds `method` and `cannot_see`.
  [[nodiscard]] boost::json::object health() const override;
  busrt::base::Result<> configure(const boost::json::object& settings) override;

 protected:
  /// Looks once, and emits what it sees. Runs on the source's own thread. An exception makes the source
  /// degraded until a look succeeds.
  virtual void sample(EventSink& sink) = 0;

 private:
  void run(EventSink& sink, const std::stop_token& stop);
  void look(EventSink& sink);

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::chrono::milliseconds interval_;
  std::string failure_;
  std::uint64_t looks_ = 0;
  std::jthread thread_;
};

}  // namespace daemoneye::collector
