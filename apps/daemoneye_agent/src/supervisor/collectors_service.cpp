#include "supervisor/collectors_service.hpp"

#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <utility>

#include "status/status_report.hpp"

namespace daemoneye_agent {
namespace asio = boost::asio;

using Clock = std::chrono::system_clock;

CollectorsService::CollectorsService(asio::any_io_executor executor,
                                     const std::vector<CollectorSettings>& collectors,
                                     Environment environment, Logger log)
    : executor_(std::move(executor)),
      collectors_(collectors),
      environment_(std::move(environment)),
      log_(std::move(log)) {}

busrt::base::Result<std::vector<Launch>> CollectorsService::launches() const {
  std::vector<Launch> launches;
  for (const auto& collector : collectors_) {
    if (!collector.enabled.value) {
      log_.info("{} is disabled ({})", collector.name, collector.enabled.origin);
      continue;
    }
    auto program = find_program(collector.name, collector.path, collector.origin);
    if (!program) return std::unexpected(program.error());
    Launch launch{collector, {*program, "--bus", environment_.address, "--name", collector.name}};
    // Not as an argument: settings may hold what `ps` should not show.
    if (!collector.settings.value.empty()) {
      launch.argv.insert(launch.argv.end(), {"--settings", "-"});
      launch.input = boost::json::serialize(collector.settings.value);
    }
    launch.argv.insert(launch.argv.end(), collector.args.value.begin(), collector.args.value.end());
    launches.push_back(std::move(launch));
  }
  return launches;
}

SupervisorObserver CollectorsService::observer() {
  SupervisorObserver observer;
  observer.health = [this](const std::string& name, const boost::json::object& health) {
    environment_.intake.health(name, health, Clock::now());
  };
  observer.running = [this](const std::string& name) {
    environment_.intake.sight_restored(name, Clock::now());
  };
  observer.owner = [this](const std::string& name, int pid) {
    if (environment_.broker == nullptr) return;
    // What a collector that has ended still has on its way to the broker is its own and counts.
    const bool ended = pid == ::getpid();
    environment_.broker->bind_name(name, pid, ended ? busrt::NameHolder::keep : busrt::NameHolder::close);
  };
  observer.ended = [this](const std::string& name) { environment_.intake.ended(name, Clock::now()); };
  observer.lost = [this](const std::string& name, Clock::time_point since, const std::string& reason) {
    environment_.intake.sight_lost(name, since, reason);
  };
  return observer;
}

asio::awaitable<busrt::base::Result<>> CollectorsService::start() {
  auto wanted = launches();
  if (!wanted) co_return std::unexpected(wanted.error());
  supervisor_ = std::make_unique<Supervisor>(executor_, environment_.host, environment_.control.bus(),
                                             observer(), environment_.faults, log_, *std::move(wanted));
  supervisor_->start();
  co_return busrt::base::Result<>{};
}

asio::awaitable<void> CollectorsService::stop(std::chrono::steady_clock::time_point) {
  if (supervisor_) co_await supervisor_->stop();
}

void CollectorsService::hasten() {
  if (supervisor_) supervisor_->hasten();
}

/// One collector after the other: its grace, and as long again for SIGTERM and SIGKILL.
std::chrono::milliseconds CollectorsService::stop_time() const {
  std::chrono::milliseconds sum = std::chrono::seconds(5);
  for (const auto& collector : collectors_) {
    if (collector.enabled.value) sum += 2 * collector.grace_period.value;
  }
  return sum;
}

asio::awaitable<void> CollectorsService::report(StatusReport& report) {
  if (!supervisor_) co_return;
  environment_.intake.read([&](const Account& account) {
    for (const auto& view : supervisor_->view()) report.add_collector(view, account);
  });
}

void CollectorsService::stall_ended() {
  if (supervisor_) supervisor_->stall_ended();
}

}  // namespace daemoneye_agent
