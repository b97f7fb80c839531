// Order of a turn: drain, handle a few events, then what is due by time. Everything here is the watching
// thread's, but start(), stop() and failure().
#include "watcher.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "idle_feed.hpp"

namespace procmond {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds long_time = std::chrono::minutes(1);

std::chrono::milliseconds until(std::chrono::steady_clock::time_point when) {
  const auto left = std::chrono::ceil<milliseconds>(when - std::chrono::steady_clock::now());
  return std::max(left, milliseconds(0));
}

}  // namespace

Watcher::Watcher(Tracker& tracker, daemoneye::collector::EventSink& sink, Statistics& statistics,
                 std::unique_ptr<KernelFeed> feed, milliseconds scan_interval)
    : tracker_(tracker),
      sink_(sink),
      statistics_(statistics),
      feed_(std::move(feed)),
      scans_(feed_ == nullptr),
      scan_interval_(scan_interval) {
  if (scans_) feed_ = std::make_unique<IdleFeed>();
}

Watcher::~Watcher() {
  stop();
}

void Watcher::start(bool resumes, std::function<void()> prepare) {
  thread_ = std::jthread([this, resumes, prepare = std::move(prepare)](const std::stop_token& stop) {
    prepare();
    run(stop, resumes);
  });
}

void Watcher::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  {
    const std::lock_guard lock(mutex_);
    feed_->wake();
  }
  thread_.join();
}

std::string Watcher::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void Watcher::set_failure(std::string why) {
  const std::lock_guard lock(mutex_);
  failure_ = std::move(why);
}

void Watcher::run(const std::stop_token& stop, bool resumes) {
  try {
    look(resumes ? ObservedBy::rescan : ObservedBy::snapshot);
    next_scan_ = Clock::now() + scan_interval_;
    while (!stop.stop_requested()) turn();
    finish();
  } catch (const std::exception& fault) {
    // A fault (no memory, most likely) ends the watching, not the process, and is said on both ways out.
    set_failure(fmt::format("the watching thread has ended: {}", fault.what()));
    statistics_.losses.add();
    statistics_.losses_of_unknown_size.add();
    sink_.report_loss({std::nullopt, "watcher_failed", failure()});
  }
}

void Watcher::turn() {
  if (queue_.empty()) feed_->wait(time_to_next_timer());
  drain();
  handle(limits::events_per_turn);
  run_timers();
}

void Watcher::finish() {
  drain();
  const auto deadline = Clock::now() + limits::stop_backlog;
  while (!queue_.empty() && Clock::now() < deadline) handle(limits::events_per_turn);
  report_losses();
  if (queue_.empty()) return;
  statistics_.losses.add();
  statistics_.lost_messages.add(queue_.size());
  sink_.report_loss(
      {queue_.size(), "stopped_with_backlog", "reports of the kernel were left when watching stopped"});
}

KernelFeed::Numbers Watcher::numbers() const {
  const std::lock_guard lock(mutex_);
  return feed_->numbers();
}

void Watcher::drain() {
  const auto drained = feed_->drain(queue_);
  if (!drained) return fall_back(drained.error().describe());
  if (drained->overflow && !drained->dropped) pending_.unknown = true;
  pending_.dropped += drained->dropped.value_or(0);
  pending_.unnumbered += drained->unnumbered;
  if (pending_.any() && Clock::now() >= report_from_) report_losses();
}

void Watcher::handle(std::size_t most) {
  for (std::size_t i = 0; i < most && !queue_.empty(); ++i) {
    const KernelEvent event = queue_.pop();
    tracker_.on_event(event, queue_);
  }
  statistics_.queued.set(queue_.size());
}

void Watcher::run_timers() {
  const auto now = Clock::now();
  if (pending_.any() && now >= report_from_) report_losses();
  if (rescan_since_ && (queue_.empty() || now >= *rescan_since_ + limits::rescan_patience)) {
    rescan_since_.reset();
    look(ObservedBy::rescan);
  }
  if (scans_ && now >= next_scan_) {
    look(ObservedBy::scan);
    next_scan_ = Clock::now() + scan_interval_;
  }
  if (tracker_.has_lingering() && now >= next_linger_check_) {
    tracker_.check_lingering();
    next_linger_check_ = Clock::now() + limits::linger_check;
  }
}

milliseconds Watcher::time_to_next_timer() const {
  milliseconds time = long_time;
  if (pending_.any()) time = std::min(time, until(report_from_));
  if (rescan_since_) time = milliseconds(0);
  if (scans_) time = std::min(time, until(next_scan_));
  if (tracker_.has_lingering()) time = std::min(time, until(next_linger_check_));
  return time;
}

void Watcher::look(ObservedBy by) {
  if (by == ObservedBy::rescan) statistics_.rescans.add();
  if (by == ObservedBy::scan) statistics_.scans.add();
  if (const auto looked = tracker_.scan_present(by); !looked) {
    set_failure(fmt::format("/proc cannot be listed: {}", looked.error().describe()));
    return;
  }
  // What was reported before the scan is in the feed now; see Tracker.
  drain();
  handle(queue_.size());
  tracker_.scan_absent(by);
}

void Watcher::report_losses() {
  const Pending losses = std::exchange(pending_, {});
  if (!losses.any()) return;
  report_from_ = Clock::now() + limits::rescan_gap;
  if (!rescan_since_) rescan_since_ = Clock::now();
  if (losses.dropped != 0 || losses.unknown) {
    statistics_.losses.add();
    if (losses.unknown) statistics_.losses_of_unknown_size.add();
    statistics_.lost_messages.add(losses.dropped);
    sink_.report_loss(
        {losses.unknown ? std::nullopt : std::optional(losses.dropped), "kernel_buffer_overflow",
         "the kernel dropped messages of its process connector, of threads and other kinds among "
         "them, because the receive buffer was full; a rescan follows"});
  }
  if (losses.unnumbered != 0) {
    statistics_.losses.add();
    statistics_.lost_messages.add(losses.unnumbered);
    sink_.report_loss({losses.unnumbered, "kernel_message_missing",
                       "numbers are missing in the messages of the kernel's process connector although its "
                       "buffer was not full; a rescan follows"});
  }
}

void Watcher::fall_back(const std::string& why) {
  set_failure(fmt::format("the kernel's reports ended, /proc is scanned instead: {}", why));
  statistics_.losses.add();
  statistics_.losses_of_unknown_size.add();
  sink_.report_loss({std::nullopt, "kernel_feed_failed", failure()});
  {
    // stop() may be about to wake the old one, which it does under the lock and after its request.
    const std::lock_guard lock(mutex_);
    feed_ = std::make_unique<IdleFeed>();
  }
  scans_ = true;
  next_scan_ = Clock::now();
}

}  // namespace procmond
