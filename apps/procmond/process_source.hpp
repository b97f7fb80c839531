// The event source of procmond: settings, the choice of the method, and health.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "daemoneye/collector/event_source.hpp"
#include "daemoneye/events/process_fields.hpp"
#include "platform.hpp"
#include "settings.hpp"
#include "statistics.hpp"

namespace procmond {

class Tracker;
class Watcher;

class ProcessSource final : public daemoneye::collector::EventSource {
 public:
  explicit ProcessSource(Platform platform = native_platform());
  ~ProcessSource() override;

  [[nodiscard]] std::string_view name() const override { return "procmond"; }
  [[nodiscard]] std::string_view domain() const override { return daemoneye::events::process::domain; }
  [[nodiscard]] std::vector<std::string> capabilities() const override;
  [[nodiscard]] std::vector<daemoneye::collector::Privilege> privileges() const override;
  /// process.find {pid} and process.snapshot {}: what /proc says now, by the schema of process events.
  [[nodiscard]] std::vector<daemoneye::collector::Operation> operations() override;

  boost::asio::awaitable<busrt::base::Result<>> start(daemoneye::collector::EventSink& sink) override;
  boost::asio::awaitable<void> stop() override;
  [[nodiscard]] boost::json::object health() const override;
  /// While started, other settings take effect at once: processes stay known, and a rescan finds what changed
  /// in between. When the method asked for is not to be had, nothing changes.
  busrt::base::Result<> configure(const boost::json::object& settings) override;

 private:
  /// How processes are watched; without a feed, by scans.
  struct Way {
    std::unique_ptr<KernelFeed> feed;
    std::string why;
  };
  [[nodiscard]] busrt::base::Result<Way> choose(const Settings& settings) const;
  busrt::base::Result<> begin(daemoneye::collector::EventSink& sink);
  void watch(Way way, bool resumes);
  void end();
  [[nodiscard]] boost::json::array cannot_see() const;

  Platform platform_;
  Settings settings_;
  Statistics statistics_;
  daemoneye::collector::EventSink* sink_ = nullptr;
  bool by_connector_ = false;
  std::atomic<Scheduling> scheduling_ = Scheduling::ordinary;  ///< set by the watching thread as it begins
  std::string why_ = "not started";
  std::unique_ptr<Host> host_;
  std::unique_ptr<Tracker> tracker_;
  std::unique_ptr<Watcher> watcher_;
};

}  // namespace procmond
