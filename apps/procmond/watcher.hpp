// The watching thread: drains the kernel's feed, hands events to the tracker, and rescans when it must.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "daemoneye/collector/event_source.hpp"
#include "event_queue.hpp"
#include "kernel_feed.hpp"
#include "limits.hpp"
#include "statistics.hpp"
#include "tracker.hpp"

namespace procmond {

/// One thread for everything that an event needs, reading of /proc included: a process may live for a
/// millisecond only, and a hand-over to another thread costs a part of that. The socket is looked at again
/// after every few events, so that a backlog waits here and not in the kernel's buffer, which is smaller by a
/// factor of ten.
///
/// start() and stop() are for one thread, wherever; failure() and numbers() are thread-safe.
class Watcher {
 public:
  /// Without a feed it scans every `scan_interval`. Borrows the rest, for as long as it runs.
  Watcher(Tracker& tracker, daemoneye::collector::EventSink& sink, Statistics& statistics,
          std::unique_ptr<KernelFeed> feed, std::chrono::milliseconds scan_interval);
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  /// `resumes` says that the tracker has a picture already, which is brought up to date instead of emitted
  /// anew.
  /// `prepare` is called on the new thread first.
  void start(bool resumes, std::function<void()> prepare = [] {});
  /// Returns when the thread has ended. Losses that were not reported yet are.
  void stop();

  /// Why the watcher no longer does what it was made for; empty while it does.
  [[nodiscard]] std::string failure() const;
  [[nodiscard]] KernelFeed::Numbers numbers() const;

 private:
  using Clock = std::chrono::steady_clock;

  void run(const std::stop_token& stop, bool resumes);
  void turn();
  void drain();
  void handle(std::size_t most);
  void run_timers();
  void look(ObservedBy by);
  void finish();
  void report_losses();
  void fall_back(const std::string& why);
  [[nodiscard]] std::chrono::milliseconds time_to_next_timer() const;
  void set_failure(std::string why);

  /// Losses that wait to be reported.
  struct Pending {
    std::uint64_t dropped = 0;
    std::uint64_t unnumbered = 0;
    bool unknown = false;
    [[nodiscard]] bool any() const noexcept { return dropped != 0 || unnumbered != 0 || unknown; }
  };

  Tracker& tracker_;
  daemoneye::collector::EventSink& sink_;
  Statistics& statistics_;
  std::unique_ptr<KernelFeed> feed_;  ///< changed by the watching thread under mutex_
  bool scans_;
  std::chrono::milliseconds scan_interval_;
  EventQueue queue_;
  Pending pending_;
  Clock::time_point report_from_{};                ///< no report of a loss before
  std::optional<Clock::time_point> rescan_since_;  ///< a rescan is due since then
  Clock::time_point next_scan_{};
  Clock::time_point next_linger_check_{};

  mutable std::mutex mutex_;
  std::string failure_;
  std::jthread thread_;
};

}  // namespace procmond
