#include "intake/intake_service.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "daemoneye/events/topics.hpp"

namespace daemoneye_agent {
namespace asio = boost::asio;

using Clock = std::chrono::system_clock;

IntakeService::IntakeService(std::function<busrt::ClientConfig()> make_config, const Continuity& continuity,
                             Faults& faults, Logger log)
    : make_config_(std::move(make_config)), faults_(faults), log_(std::move(log)) {
  if (continuity.positions) intake_.continue_in(continuity.positions);
  if (const auto& before = continuity.predecessor) {
    intake_.sight_lost(daemoneye::events::agent_client_name, before->ended,
                       "the agent ended with " + before->how);
  }
}

IntakeService::~IntakeService() {
  if (thread_) thread_->halt();
  close();
}

/// The thread ends first, so that nothing runs in the connection when that goes; its context goes last.
void IntakeService::close() {
  if (!thread_) return;
  thread_->join();
  bus_.reset();
  thread_.reset();
}

DataBusCallbacks IntakeService::callbacks() {
  DataBusCallbacks callbacks;
  callbacks.message = [this](const daemoneye::event_bus::BusMessage& message) {
    intake_.take(message.topic, message.sender, *message.payload, Clock::now());
  };
  callbacks.lost = [this](Clock::time_point since, const std::string& why) {
    log_.error("{}; events are not accounted for until it is back", why);
    intake_.sight_lost(daemoneye::events::agent_client_name, since, why);
  };
  callbacks.restored = [this] {
    log_.info("bus, data: connected again");
    intake_.sight_restored(daemoneye::events::agent_client_name, Clock::now());
  };
  return callbacks;
}

asio::awaitable<busrt::base::Result<>> IntakeService::start() {
  thread_.emplace(faults_);
  const auto executor = thread_->context().get_executor();
  bus_ = std::make_unique<DataBus>(executor, make_config_(), callbacks(), faults_, log_);
  auto up = co_await asio::co_spawn(executor, bus_->connect(), asio::use_awaitable);
  if (up) {
    intake_.sight_restored(daemoneye::events::agent_client_name, Clock::now());
  } else {
    co_await stop(std::chrono::steady_clock::now());
  }
  co_return up;
}

void IntakeService::abandon_start() {
  if (!bus_) return;
  asio::post(thread_->context(), [this] { bus_->abandon(); });
}

asio::awaitable<void> IntakeService::stop(std::chrono::steady_clock::time_point deadline) {
  if (!bus_) co_return;
  const auto executor = thread_->context().get_executor();
  const auto left = deadline - std::chrono::steady_clock::now();
  const auto drain =
      std::max(std::chrono::duration_cast<std::chrono::milliseconds>(left), std::chrono::milliseconds(0));
  co_await asio::co_spawn(executor, bus_->disconnect(drain), asio::use_awaitable);
  close();
  log_account();
}

void IntakeService::log_account() const {
  intake_.read([this](const Account& account) {
    for (const auto& name : account.collectors()) {
      const auto totals = account.totals(name);
      if (totals.epochs != 0) {
        log_.info("{}: {} events arrived, {} missing, {} reported lost", name, totals.received,
                  totals.missing, totals.events_lost);
      }
      for (const auto& part : account.incomplete(name)) log_.warn("{}: {}", name, part.describe());
    }
    for (const auto& part : account.common()) log_.warn("{}", part.describe());
  });
}

}  // namespace daemoneye_agent
