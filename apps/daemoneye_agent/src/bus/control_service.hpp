// The service that runs the control connection and answers the RPC methods of all services.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bus/control_bus.hpp"
#include "config/config.hpp"
#include "faults.hpp"
#include "logger.hpp"
#include "service.hpp"

namespace daemoneye_agent {

class ControlService final : public Service {
 public:
  /// `make_config` is called at the start: an embedded broker has its endpoint only then.
  ControlService(boost::asio::any_io_executor executor, std::function<busrt::ClientConfig()> make_config,
                 const BusSettings& settings, std::string address, Faults& faults, Logger log);

  [[nodiscard]] std::string_view name() const override { return "bus"; }
  boost::asio::awaitable<busrt::base::Result<>> start() override;
  void abandon_start() override;
  boost::asio::awaitable<void> stop(std::chrono::steady_clock::time_point deadline) override;
  /// Which bus it is, and what an external broker says of itself.
  boost::asio::awaitable<void> report(StatusReport& report) override;

  /// The methods of all services; complete before the start.
  [[nodiscard]] daemoneye::rpc_service::MethodTable& methods() noexcept { return methods_; }
  /// After the start.
  [[nodiscard]] CollectorBus& bus() { return *bus_; }
  /// ControlBus::Callbacks; set before the start.
  std::function<void()> on_stall_ended = [] {};

 private:
  boost::asio::any_io_executor executor_;
  std::function<busrt::ClientConfig()> make_config_;
  const BusSettings& settings_;
  std::string address_;
  Faults& faults_;
  Logger log_;
  daemoneye::rpc_service::MethodTable methods_;
  std::unique_ptr<ControlBus> bus_;
  bool connecting_ = false;
};

}  // namespace daemoneye_agent
