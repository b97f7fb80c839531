// The service that takes events in: the data connection on a thread of its own, and the account behind it.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "continuity.hpp"
#include "faults.hpp"
#include "intake/data_bus.hpp"
#include "intake/data_thread.hpp"
#include "intake/shared_intake.hpp"
#include "logger.hpp"
#include "service.hpp"

namespace daemoneye_agent {

class IntakeService final : public Service {
 public:
  /// `make_config` is called at the start: an embedded broker has its endpoint only then. The account
  /// continues where `continuity` says.
  IntakeService(std::function<busrt::ClientConfig()> make_config, const Continuity& continuity,
                Faults& faults, Logger log);
  ~IntakeService() override;

  [[nodiscard]] std::string_view name() const override { return "intake"; }
  boost::asio::awaitable<busrt::base::Result<>> start() override;
  void abandon_start() override;
  boost::asio::awaitable<void> stop(std::chrono::steady_clock::time_point deadline) override;

  /// For the services that feed it from the control thread, or read the account.
  [[nodiscard]] SharedIntake& intake() noexcept { return intake_; }

 private:
  [[nodiscard]] DataBusCallbacks callbacks();
  void log_account() const;
  void close();

  std::function<busrt::ClientConfig()> make_config_;
  Faults& faults_;
  Logger log_;
  SharedIntake intake_;
  std::optional<DataThread> thread_;
  std::unique_ptr<DataBus> bus_;
};

}  // namespace daemoneye_agent
