// The service that holds the agent's state directory for this agent alone.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "config/config.hpp"
#include "logger.hpp"
#include "service.hpp"
#include "state/state_lock.hpp"

namespace daemoneye_agent {

/// A disk that is full or read-only does not keep the agent from its work: it runs degraded, and tries again
/// at each request for the status.
class StateDirectory final : public Service {
 public:
  StateDirectory(Setting<std::filesystem::path> directory, Logger log)
      : directory_(std::move(directory)), log_(std::move(log)) {}

  [[nodiscard]] std::string_view name() const override { return "state directory"; }
  boost::asio::awaitable<busrt::base::Result<>> start() override;
  boost::asio::awaitable<void> stop(std::chrono::steady_clock::time_point deadline) override;
  boost::asio::awaitable<void> report(StatusReport& report) override;

 private:
  /// Has the directory, or takes it, and can write there.
  busrt::base::Result<> hold();
  void retry();

  Setting<std::filesystem::path> directory_;
  Logger log_;
  std::optional<StateLock> lock_;
  std::string problem_;  ///< why the directory is of no use; empty: it is
};

}  // namespace daemoneye_agent
