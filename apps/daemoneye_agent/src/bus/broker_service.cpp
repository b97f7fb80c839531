#include "bus/broker_service.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "status/status_report.hpp"

namespace daemoneye_agent {
namespace asio = boost::asio;

namespace {

asio::awaitable<busrt::base::Result<>> bind(EmbeddedBroker& broker) {
  co_return broker.listen();
}

}  // namespace

asio::awaitable<busrt::base::Result<>> BrokerService::start() {
  auto made = EmbeddedBroker::make(settings_, address_, log_);
  if (!made) co_return std::unexpected(made.error());
  broker_ = *std::move(made);
  co_return busrt::base::Result<>{};
}

asio::awaitable<busrt::base::Result<>> BrokerService::open() {
  // On a thread of its own: a name server may be slow, and signals are handled on this one.
  asio::thread_pool binder(1);
  binding_ = true;
  auto bound = co_await asio::co_spawn(binder, bind(*broker_), asio::use_awaitable);
  binding_ = false;
  co_return bound;
}

void BrokerService::abandon_open() {
  if (binding_) broker_->bus().shutdown();
}

asio::awaitable<void> BrokerService::stop(std::chrono::steady_clock::time_point) {
  if (broker_) broker_->bus().shutdown();
  co_return;
}

asio::awaitable<void> BrokerService::report(StatusReport& report) {
  if (broker_) report.section("bus")["broker"] = broker_json(broker_->bus().stats());
  co_return;
}

bool BrokerService::has_files() const {
  return settings_.access.value.has_value() || settings_.certificate.value.has_value();
}

void BrokerService::reload() {
  if (broker_) broker_->reload();
}

busrt::LocalEndpoint BrokerService::endpoint() const {
  return broker_ ? broker_->bus().local() : busrt::LocalEndpoint();
}

void BrokerService::bind_name(std::string_view collector, int pid, busrt::NameHolder holder) {
  if (broker_) broker_->bind_name(collector, pid, holder);
}

}  // namespace daemoneye_agent
