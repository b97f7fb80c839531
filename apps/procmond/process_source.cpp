// Starting and stopping, on the runtime's executor. The work is the watcher's, on its thread.
#include "process_source.hpp"

#include <fmt/format.h>

#include <utility>

#include "tracker.hpp"
#include "watcher.hpp"

namespace procmond {

ProcessSource::ProcessSource(Platform platform) : platform_(std::move(platform)) {}
ProcessSource::~ProcessSource() {
  end();
}

std::vector<std::string> ProcessSource::capabilities() const {
  return {"process.events", "process.snapshot"};
}

std::vector<daemoneye::collector::Privilege> ProcessSource::privileges() const {
  return {
      {"CAP_NET_ADMIN", "The kernel reports processes to us; without it procmond scans /proc."},
      {"CAP_SYS_PTRACE", "Executables of other users' processes; without it they are null."},
      {"CAP_SYS_NICE", "Real time for the watching thread; without it short processes are read too late."}};
}

busrt::base::Result<ProcessSource::Way> ProcessSource::choose(const Settings& settings) const {
  if (settings.method == Method::scan) return Way{nullptr, "the setting method is \"scan\""};
  auto feed = platform_.open_feed(settings.receive_buffer_bytes);
  if (feed) return Way{std::move(*feed), "the kernel reports to us"};
  if (settings.method == Method::connector) return std::unexpected(feed.error());
  return Way{nullptr, feed.error().describe()};
}

boost::asio::awaitable<busrt::base::Result<>> ProcessSource::start(daemoneye::collector::EventSink& sink) {
  if (watcher_ != nullptr) co_return busrt::base::Result<>{};
  co_return begin(sink);
}

busrt::base::Result<> ProcessSource::begin(daemoneye::collector::EventSink& sink) {
  auto host = platform_.open_host();
  if (!host) return std::unexpected(host.error());
  // The feed first: whatever begins after it is reported, whatever began before is in the snapshot.
  auto way = choose(settings_);
  if (!way) return std::unexpected(way.error());
  sink_ = &sink;
  host_ = std::move(*host);
  tracker_ = std::make_unique<Tracker>(*host_, sink, statistics_);
  watch(std::move(*way), false);
  return {};
}

void ProcessSource::watch(Way way, bool resumes) {
  by_connector_ = way.feed != nullptr;
  why_ = std::move(way.why);
  watcher_ =
      std::make_unique<Watcher>(*tracker_, *sink_, statistics_, std::move(way.feed), settings_.scan_interval);
  scheduling_ = Scheduling::ordinary;
  const bool favoured = by_connector_ && settings_.realtime;
  watcher_->start(resumes, [this, favoured] {
    if (favoured) scheduling_ = platform_.favour_this_thread();
  });
}

boost::asio::awaitable<void> ProcessSource::stop() {
  end();
  co_return;
}

void ProcessSource::end() {
  if (watcher_ == nullptr) return;
  watcher_->stop();
  watcher_.reset();
  tracker_.reset();
  host_.reset();
  sink_ = nullptr;
  why_ = "stopped";
}

busrt::base::Result<> ProcessSource::configure(const boost::json::object& settings) {
  auto wanted = apply_settings(settings_, settings);
  if (!wanted) return std::unexpected(wanted.error());
  if (*wanted == settings_) return {};
  if (watcher_ != nullptr) {
    auto way = choose(*wanted);
    if (!way) return busrt::base::fail(way.error().code, "method: " + way.error().message);
    settings_ = *wanted;
    watcher_->stop();
    // The rescan that follows finds who is there, not who came and went meanwhile.
    sink_->report_loss({.count = {},
                        .cause = "reconfigured",
                        .detail = "the way of watching was changed; processes that began and ended meanwhile "
                                  "are not known"});
    watch(std::move(*way), true);
    return {};
  }
  settings_ = *wanted;
  return {};
}

}  // namespace procmond
