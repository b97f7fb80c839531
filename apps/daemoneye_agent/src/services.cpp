#include "services.hpp"

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "bus/broker_service.hpp"
#include "bus/control_service.hpp"
#include "busrt/address.hpp"
#include "daemoneye/collector/runtime_directory.hpp"
#include "daemoneye/events/topics.hpp"
#include "intake/intake_service.hpp"
#include "state/state_directory.hpp"
#include "status/operator_methods.hpp"
#include "supervisor/collectors_service.hpp"

namespace daemoneye_agent {
namespace asio = boost::asio;

namespace {

std::string address_text(const BusSettings& bus) {
  const auto address = busrt::Address::parse(bus.address.value, daemoneye::collector::runtime_directory());
  if (!address || address->scheme != busrt::Address::Scheme::unix_socket) return bus.address.value;
  // Collectors get the same socket whatever their working directory is.
  return "ipc://" + std::filesystem::absolute(address->target).lexically_normal().string();
}

/// The connections of the agent to its bus. `broker` null: to an external broker.
std::function<busrt::ClientConfig()> client_config(std::string name, const BusSettings& bus,
                                                   std::string address, const BrokerService* broker,
                                                   const Logger& log) {
  return [name = std::move(name), &bus, address = std::move(address), broker, log] {
    busrt::ClientConfig client;
    client.name = name;
    client.address = address;
    client.runtime_directory = daemoneye::collector::runtime_directory();
    if (broker != nullptr) client.endpoint = broker->endpoint();
    client.timeout = bus.timeout.value;
    client.delivery_timeout = busrt::limits::delivery_timeout_for(bus.stall_limit.value, bus.timeout.value);
    client.log = log.sink();
    return client;
  };
}

}  // namespace

void add_services(Agent& agent, const asio::any_io_executor& executor, Surroundings surroundings,
                  const Config& config, const Logger& log) {
  const std::string name(daemoneye::events::agent_client_name);
  const std::string address = address_text(config.bus);
  agent.add(std::make_unique<StateDirectory>(config.state_dir, log));
  BrokerService* broker = nullptr;
  if (config.bus.mode.value == BusMode::embedded) {
    broker = &agent.add(std::make_unique<BrokerService>(config.bus, address, log));
  }
  auto& control = agent.add(
      std::make_unique<ControlService>(executor, client_config(name, config.bus, address, broker, log),
                                       config.bus, address, agent.faults(), log));
  // A secondary client: the access rules of the agent's name hold for it.
  const std::string data_name = name + std::string(busrt::secondary_separator) + "data";
  auto& intake =
      agent.add(std::make_unique<IntakeService>(client_config(data_name, config.bus, address, broker, log),
                                                surroundings.continuity, agent.faults(), log));
  if (broker != nullptr) agent.add(std::make_unique<BusAddresses>(*broker));
  CollectorsService::Environment environment{surroundings.host, control,        broker,
                                             intake.intake(),   agent.faults(), address};
  auto& collectors = agent.add(
      std::make_unique<CollectorsService>(executor, config.collectors, std::move(environment), log));
  control.on_stall_ended = [&collectors] { collectors.stall_ended(); };
  agent.add(std::make_unique<OperatorMethods>(agent, intake.intake()));
  for (const auto& service : agent.services()) service->serve(control.methods());
}

}  // namespace daemoneye_agent
