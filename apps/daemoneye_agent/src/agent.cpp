#include "agent.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <ranges>
#include <utility>

#include "daemoneye/events/topics.hpp"
#include "status/status_report.hpp"
#include "version.hpp"

namespace daemoneye_agent {
namespace asio = boost::asio;

Agent::Agent(asio::any_io_executor executor, Logger log, busrt::base::ServiceNotifier manager)
    : executor_(std::move(executor)),
      log_(std::move(log)),
      manager_(std::move(manager)),
      faults_(log_),
      stop_signal_(executor_, std::chrono::steady_clock::time_point::max()),
      on_terminal_(::isatty(STDIN_FILENO) != 0 || ::isatty(STDERR_FILENO) != 0) {}

asio::awaitable<busrt::base::Result<>> Agent::up() {
  while (started_ < services_.size() && !stopping_) {
    Service& service = *services_[started_];
    log_.debug("start: {}", service.name());
    busrt::base::Result<> result;
    try {
      result = co_await service.start();
    } catch (const std::exception& fault) {
      result = busrt::base::fail(std::make_error_code(std::errc::state_not_recoverable), fault.what());
    }
    ++started_;
    if (result) continue;
    // A start that was abandoned for a stop may have left off anywhere: its service is taken down, too.
    if (stopping_) break;
    --started_;
    co_return busrt::base::fail(result.error().code,
                                fmt::format("{}: {}", service.name(), result.error().message));
  }
  co_return busrt::base::Result<>{};
}

asio::awaitable<void> Agent::down() {
  while (started_ > 0) {
    Service& service = *services_[--started_];
    log_.debug("stop: {}", service.name());
    const auto allowed = service.stop_time();
    asio::steady_timer late(executor_, allowed);
    late.async_wait([this, &service, allowed](const boost::system::error_code& cancelled) {
      if (cancelled) return;
      log_.warn("stop: {} takes longer than {} s", service.name(), allowed.count() / 1000);
      service.hasten();
    });
    try {
      co_await service.stop(late.expiry());
    } catch (const std::exception& fault) {
      log_.error("stop: {}: {}", service.name(), fault.what());
    }
  }
}

asio::awaitable<busrt::base::Result<>> Agent::run() {
  auto result = co_await up();
  if (result && !stopping_) {
    ready_ = true;
    tell_manager(manager_.ready());
  }
  boost::system::error_code ignored;
  while (result && !stopping_) {
    co_await stop_signal_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_await down();
  if (result) log_.info("stopped");
  co_return result;
}

void Agent::request_stop(const std::string& reason) {
  if (stopping_) {
    log_.warn("{} again: killing the collectors that still run", reason);
    for (const auto& service : services_) service->hasten();
    return;
  }
  log_.info("stopping: {}", reason);
  tell_manager(manager_.stopping());
  stopping_ = true;
  if (started_ < services_.size()) services_[started_]->abandon_start();
  stop_signal_.cancel();
}

void Agent::hang_up() {
  const bool has_files = std::ranges::any_of(services_, [](const auto& each) { return each->has_files(); });
  // The terminal has gone. A service without a terminal is asked to read its files again.
  if (!has_files && on_terminal_) return request_stop("SIGHUP");
  if (ready_) tell_manager(manager_.reloading());
  if (!has_files) log_.info("SIGHUP: no file is to be read again; settings change with a restart");
  // One that is not up is about to read them.
  for (const auto& service : services_ | std::views::take(static_cast<std::ptrdiff_t>(started_))) {
    service->reload();
  }
  if (ready_) tell_manager(manager_.ready());
}

asio::awaitable<boost::json::object> Agent::report() {
  StatusReport report{std::string(daemoneye::events::agent_client_name)};
  const auto uptime = std::chrono::steady_clock::now() - since_;
  report.section("agent") = {{"version", version},
                             {"pid", ::getpid()},
                             {"uptime_s", std::chrono::duration_cast<std::chrono::seconds>(uptime).count()}};
  for (auto& complaint : faults_.complaints()) report.complain(std::move(complaint));
  for (const auto& service : services_) co_await service->report(report);
  co_return report.take();
}

/// A service manager that cannot be reached is no reason to end.
void Agent::tell_manager(const busrt::base::Result<>& told) const {
  if (!told) log_.warn("the service manager cannot be told: {}", told.error().describe());
}

}  // namespace daemoneye_agent
