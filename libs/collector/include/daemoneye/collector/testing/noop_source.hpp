// A source that starts, emits nothing and stops: the least that a collector is made of.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "daemoneye/collector/event_source.hpp"

namespace daemoneye::collector::testing {

/// A source that emits nothing. It takes no settings.
class NoopSource : public EventSource {
 public:
  explicit NoopSource(std::string name = "noop", std::string domain = "process")
      : name_(std::move(name)), domain_(std::move(domain)) {}

  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] std::string_view domain() const override { return domain_; }
  [[nodiscard]] std::vector<std::string> capabilities() const override { return {}; }
  boost::asio::awaitable<busrt::base::Result<>> start(EventSink& /*sink*/) override {
    co_return busrt::base::Result<>();
  }
  boost::asio::awaitable<void> stop() override { co_return; }
  [[nodiscard]] boost::json::object health() const override;
  busrt::base::Result<> configure(const boost::json::object& settings) override;

 private:
  std::string name_;
  std::string domain_;
};

}  // namespace daemoneye::collector::testing
