// One hosted source: its sink, whether it runs, and what it said of itself last.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <memory>
#include <string>

#include "busrt/base/log.hpp"
#include "daemoneye/collector/event_source.hpp"
#include "runtime/publisher.hpp"
#include "runtime/shared_outbox.hpp"

namespace daemoneye::collector {

/// Lives on the runtime's executor; its sink takes from any thread. Operations are not to overlap: the
/// runtime holds its mutex around each.
class SourceHost {
 public:
  enum class State : std::uint8_t { stopped, running, failed };

  SourceHost(std::unique_ptr<EventSource> source, std::shared_ptr<SharedOutbox> outbox,
             std::shared_ptr<Publisher> publisher, busrt::base::LogSink log);

  ~SourceHost();

  [[nodiscard]] std::string_view name() const { return source_->name(); }
  [[nodiscard]] EventSource& source() { return *source_; }
  [[nodiscard]] State state() const noexcept { return state_; }

  boost::asio::awaitable<busrt::base::Result<>> start();
  boost::asio::awaitable<void> stop();
  /// Puts it into the sequence of events that nobody looks from here on: a loss of unknown count. For a
  /// source that was stopped while its collector goes on; the end of a collector is told in other ways.
  void report_unseen(std::string detail);
  busrt::base::Result<> configure(const boost::json::object& settings);

  /// {name, domain, state, error?, ... what the source says}. While an operation is under way, what it said
  /// before.
  [[nodiscard]] boost::json::object health() const;
  /// Asks the source how it is, unless an operation is under way.
  void refresh() const;
  /// What it said last held a string `degraded`, or the source could not start.
  [[nodiscard]] bool degraded() const;

 private:
  class Sink;

  std::unique_ptr<EventSource> source_;
  std::unique_ptr<Sink> sink_;
  busrt::base::LogSink log_;
  State state_ = State::stopped;
  bool busy_ = false;
  std::string error_;
  mutable boost::json::object last_health_;
};

}  // namespace daemoneye::collector
