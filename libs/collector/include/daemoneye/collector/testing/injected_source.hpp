// A source that emits what a test injects. Tests of pipelines therefore need neither privileges nor a busy
// host.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "daemoneye/collector/event_source.hpp"

namespace daemoneye::collector::testing {

/// The test's side of an InjectedSource. It may outlive the source. Thread safety: any thread.
class InjectedFeed {
 public:
  /// Emits an observation through the started source. Returns false, and emits nothing, if the source is not
  /// started.
  bool emit(std::string kind, boost::json::object data = {});
  /// The same for a complete observation.
  bool emit(Observation observation);
  /// Reports a loss through the started source. Returns false if the source is not started.
  bool report_loss(events::Loss loss);

  /// Makes the next start() fail with this message.
  void fail_next_start(std::string message);
  /// Sets the fields that health() returns in addition to the source's own.
  void set_health(boost::json::object health);

  /// Returns true if the source is started.
  [[nodiscard]] bool started() const;
  /// Returns how often the source was started.
  [[nodiscard]] std::uint64_t starts() const;
  /// Returns the settings of the last configure() that was accepted.
  [[nodiscard]] boost::json::object settings() const;

  InjectedFeed();
  ~InjectedFeed();

 private:
  friend class InjectedSource;
  struct State;
  std::shared_ptr<State> state_;
};

/// A source that emits what an InjectedFeed injects. Its settings are `interval_ms` (an integer from 1 to
/// 60000) and `label` (a string). It refuses any other setting by name.
class InjectedSource final : public EventSource {
 public:
  explicit InjectedSource(std::shared_ptr<InjectedFeed> feed, std::string name = "injected",
                          std::string domain = "process");

  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] std::string_view domain() const override { return domain_; }
  [[nodiscard]] std::vector<std::string> capabilities() const override;
  boost::asio::awaitable<busrt::base::Result<>> start(EventSink& sink) override;
  boost::asio::awaitable<void> stop() override;
  [[nodiscard]] boost::json::object health() const override;
  busrt::base::Result<> configure(const boost::json::object& settings) override;

 private:
  std::shared_ptr<InjectedFeed> feed_;
  std::string name_;
  std::string domain_;
};

}  // namespace daemoneye::collector::testing
