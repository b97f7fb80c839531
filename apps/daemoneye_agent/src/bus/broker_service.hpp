// The services that run the embedded broker, for `bus.mode = "embedded"`.
#pragma once

#include <memory>
#include <string>

#include "bus/embedded_broker.hpp"
#include "config/config.hpp"
#include "logger.hpp"
#include "service.hpp"

namespace daemoneye_agent {

class BrokerService final : public Service {
 public:
  BrokerService(const BusSettings& settings, std::string address, Logger log)
      : settings_(settings), address_(std::move(address)), log_(std::move(log)) {}

  [[nodiscard]] std::string_view name() const override { return "broker"; }
  boost::asio::awaitable<busrt::base::Result<>> start() override;
  boost::asio::awaitable<void> stop(std::chrono::steady_clock::time_point deadline) override;
  boost::asio::awaitable<void> report(StatusReport& report) override;
  [[nodiscard]] bool has_files() const override;
  void reload() override;

  /// Listens on every address: lets others in.
  boost::asio::awaitable<busrt::base::Result<>> open();
  /// Ends an open() that is under way, with an error.
  void abandon_open();

  /// Empty before the start.
  [[nodiscard]] busrt::LocalEndpoint endpoint() const;
  /// From now on only the process `pid` may take a collector's name (EmbeddedBroker).
  void bind_name(std::string_view collector, int pid, busrt::NameHolder holder);

 private:
  const BusSettings& settings_;
  std::string address_;
  Logger log_;
  std::unique_ptr<EmbeddedBroker> broker_;
  bool binding_ = false;  ///< it is about to listen, on another thread
};

/// Opens the broker's addresses once the agent is subscribed: a collector that an earlier agent has left
/// publishes at once. The broker closes them.
class BusAddresses final : public Service {
 public:
  explicit BusAddresses(BrokerService& broker) : broker_(broker) {}

  [[nodiscard]] std::string_view name() const override { return "addresses"; }
  boost::asio::awaitable<busrt::base::Result<>> start() override { return broker_.open(); }
  void abandon_start() override { broker_.abandon_open(); }
  boost::asio::awaitable<void> stop(std::chrono::steady_clock::time_point /*deadline*/) override {
    co_return;
  }

 private:
  BrokerService& broker_;
};

}  // namespace daemoneye_agent
