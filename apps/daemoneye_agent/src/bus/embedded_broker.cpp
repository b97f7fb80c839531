#include "bus/embedded_broker.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <ranges>
#include <utility>

#include "busrt/access.hpp"
#include "daemoneye/collector/runtime_directory.hpp"
#include "error_sentence.hpp"
#include "state/private_directory.hpp"

namespace daemoneye_agent {

namespace {

using Rules = std::shared_ptr<const busrt::AccessRules>;

/// Null where no file is named.
busrt::Result<Rules> load_rules(const std::optional<std::string>& file) {
  if (!file) return Rules();
  auto rules = busrt::AccessRules::load(*file);
  if (!rules) return std::unexpected(std::move(rules).error());
  return std::make_shared<const busrt::AccessRules>(*std::move(rules));
}

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
  auto rules = load_rules(bus.access.value);
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
  if (access_file_) {
    if (auto rules = load_rules(access_file_); rules) {
      const std::size_t entries = (*rules)->entries.size();
      broker_.set_access(*std::move(rules));
      log_.info("bus: access rules of {} are in force: {} clients and masks", *access_file_, entries);
    } else {
      const std::string mistakes = sentence(rules.error());
      for (const auto line : std::views::split(mistakes, '\n')) log_.error("bus: {}", std::string_view(line));
      log_.error("bus: the earlier access rules stay in force");
    }
  }
  if (has_certificate_) {
    if (auto reloaded = broker_.reload_certificates(); reloaded) {
      log_.info("bus: certificates read again");
    } else {
      log_.error("bus: the earlier certificates stay in use: {}", reloaded.error().describe());
    }
  }
}

}  // namespace daemoneye_agent
