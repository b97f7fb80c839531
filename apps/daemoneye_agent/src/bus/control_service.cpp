#include "bus/control_service.hpp"

#include "status/status_report.hpp"

namespace daemoneye_agent {
namespace asio = boost::asio;

ControlService::ControlService(asio::any_io_executor executor,
                               std::function<busrt::ClientConfig()> make_config, const BusSettings& settings,
                               std::string address, Faults& faults, Logger log)
    : executor_(std::move(executor)),
      make_config_(std::move(make_config)),
      settings_(settings),
      address_(std::move(address)),
      faults_(faults),
      log_(std::move(log)) {}

asio::awaitable<busrt::base::Result<>> ControlService::start() {
  bus_ = std::make_unique<ControlBus>(executor_, make_config_(), ControlBus::Callbacks{on_stall_ended},
                                      faults_, log_);
  // Before it connects: the first request may come before connect() returns.
  bus_->serve(methods_);
  connecting_ = true;
  auto up = co_await bus_->connect();
  connecting_ = false;
  if (up && settings_.mode.value == BusMode::external) {
    log_.info("bus: client of the broker at {}", address_);
  }
  co_return up;
}

void ControlService::abandon_start() {
  if (connecting_) bus_->abandon();
}

asio::awaitable<void> ControlService::stop(std::chrono::steady_clock::time_point) {
  if (!bus_) co_return;
  co_await bus_->disconnect();
}

asio::awaitable<void> ControlService::report(StatusReport& report) {
  const bool embedded = settings_.mode.value == BusMode::embedded;
  auto& section = report.section("bus");
  section["mode"] = embedded ? "embedded" : "external";
  section["address"] = address_;
  if (embedded || !bus_) co_return;
  auto stats = co_await bus_->ask_broker("stats");
  report.section("bus")["broker"] =
      stats ? std::move(*stats) : boost::json::object{{"error", stats.error().describe()}};
}

}  // namespace daemoneye_agent
