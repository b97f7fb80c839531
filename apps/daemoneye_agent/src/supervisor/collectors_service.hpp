// The service that runs the collectors.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bus/broker_service.hpp"
#include "bus/control_service.hpp"
#include "config/config.hpp"
#include "faults.hpp"
#include "intake/shared_intake.hpp"
#include "logger.hpp"
#include "service.hpp"
#include "supervisor/process_host.hpp"
#include "supervisor/supervisor.hpp"

namespace daemoneye_agent {

class CollectorsService final : public Service {
 public:
  /// What it stands on; all of it outlives the service.
  struct Environment {
    ProcessHost& host;
    ControlService& control;
    BrokerService* broker = nullptr;  ///< null for an external one
    SharedIntake& intake;
    Faults& faults;
    std::string address;  ///< of the bus, for the collectors
  };

  CollectorsService(boost::asio::any_io_executor executor, const std::vector<CollectorSettings>& collectors,
                    Environment environment, Logger log);

  [[nodiscard]] std::string_view name() const override { return "collectors"; }
  boost::asio::awaitable<busrt::base::Result<>> start() override;
  boost::asio::awaitable<void> stop(std::chrono::steady_clock::time_point deadline) override;
  void hasten() override;
  [[nodiscard]] std::chrono::milliseconds stop_time() const override;
  boost::asio::awaitable<void> report(StatusReport& report) override;

  void stall_ended();

 private:
  [[nodiscard]] busrt::base::Result<std::vector<Launch>> launches() const;
  [[nodiscard]] SupervisorObserver observer();

  boost::asio::any_io_executor executor_;
  const std::vector<CollectorSettings>& collectors_;
  Environment environment_;
  Logger log_;
  std::unique_ptr<Supervisor> supervisor_;
};

}  // namespace daemoneye_agent
