#include "bus/embedded_broker.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "common/broker_files.hpp"
#include "daemoneye/collector/runtime_directory.hpp"
#include "error_sentence.hpp"
#include "state/private_directory.hpp"

namespace daemoneye_agent {

namespace {

/// Before each line about a reload.
constexpr std::string_view about_bus = "bus: ";

/// The runtime directory has to be ours alone; another place is the choice of the user who named it.
busrt::base::Result<> prepare_directory(const std::filesystem::path& socket, const Logger& log) {
  const auto directory = socket.parent_path();
  if (directory != daemoneye::collector::runtime_directory()) return make_private_directory(directory);
  auto warning = ensure_private_directory(directory);
  if (!warning) return std::unexpected(std::move(warning).error());
  if (!warning->empty()) log.warn("{}", *warning);
  return {};
}

}  // namespace

EmbeddedBroker::EmbeddedBroker(const BusSettings& bus, busrt::BrokerConfig config, Logger log)
    : access_file_(bus.access.value),
      has_certificate_(config.tls.certificate.has_value()),
      log_(std::move(log)),
      broker_(std::move(config)) {}

busrt::base::Result<std::unique_ptr<EmbeddedBroker>> EmbeddedBroker::make(const BusSettings& bus,
                                                                          const std::string& address,
                                                                          const Logger& log) {
  const std::filesystem::path socket(address.substr(std::string_view("ipc://").size()));
  if (auto prepared = prepare_directory(socket, log); !prepared) return std::unexpected(prepared.error());
  busrt::BrokerConfig config;
  config.queue_frames = bus.queue_frames.value;
  config.queue_bytes = bus.queue_bytes.value;
  config.max_connections = bus.max_connections.value;
  config.memory_bytes = bus.memory_bytes.value;
  busrt::fit_memory_limits(config);
  config.timeout = bus.timeout.value;
  config.stall_limit = bus.stall_limit.value;
  config.insecure_tcp = bus.insecure_tcp.value;
  config.tls = bus.tls_files();
  config.runtime_directory = daemoneye::collector::runtime_directory();
  config.log = log.sink();
  auto rules = program::load_access(bus.access.value.value_or(""));
  if (!rules) return busrt::base::fail(rules.error().code, sentence(rules.error()));
  config.access = *std::move(rules);

  std::unique_ptr<EmbeddedBroker> made(new EmbeddedBroker(bus, std::move(config), log));
  made->addresses_ = {address};
  made->addresses_.insert(made->addresses_.end(), bus.listen.value.begin(), bus.listen.value.end());
  return made;
}

busrt::base::Result<> EmbeddedBroker::listen() {
  for (const std::string& each : addresses_) {
    if (auto bound = broker_.listen(each); !bound) {
      return busrt::base::fail(bound.error().code,
                               fmt::format("cannot listen on {}: {}", each, sentence(bound.error())));
    }
    log_.info("bus: embedded broker on {}", each);
  }
  return {};
}

void EmbeddedBroker::bind_name(std::string_view collector, int pid, busrt::NameHolder holder) {
  if (auto bound = broker_.bind_name(collector, pid, holder); !bound) {
    log_.error("{}: its name cannot be bound to process {}: {}", collector, pid, bound.error().describe());
  }
}

void EmbeddedBroker::reload() {
  if (access_file_) program::reload_access(broker_, *access_file_, about_bus, log_);
  if (has_certificate_) program::reload_certificates(broker_, about_bus, log_);
}

}  // namespace daemoneye_agent
