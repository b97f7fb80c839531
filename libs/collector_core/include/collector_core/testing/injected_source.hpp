// A source that emits what a test tells it to: pipelines are tested without privileges and without a busy
// host.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "collector_core/event_source.hpp"

namespace collector_core::testing {

/// The test's end of an InjectedSource, valid for longer than the source. Thread-safe.
class InjectedFeed {
 public:
  /// Emits through the started source; false when it is not started, and nothing was emitted.
  bool emit(std::string kind, boost::json::object data = {});
  bool emit(Observation observation);
  bool report_loss(Loss loss);

  /// The next start() fails with this message.
  void fail_next_start(std::string message);
  /// What health() says besides the source's own fields.
  void set_health(boost::json::object health);

  [[nodiscard]] bool started() const;
  [[nodiscard]] std::uint64_t starts() const;
  /// The settings of the last configure() that was accepted.
  [[nodiscard]] boost::json::object settings() const;

  InjectedFeed();
  ~InjectedFeed();

 private:
  friend class InjectedSource;
  struct State;
  std::shared_ptr<State> state_;
};

/// Settings: `interval_ms` (integer from 1 to 60000) and `label` (string); anything else is refused by name.
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

}  // namespace collector_core::testing
