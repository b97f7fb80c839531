// The broker inside the agent: how the settings become a broker, and what of it is read again on SIGHUP.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "busrt/broker.hpp"
#include "config/config.hpp"
#include "logger.hpp"

namespace daemoneye_agent {

class EmbeddedBroker {
 public:
  /// Listens on `address` (ipc://) and on every address of `bus.listen`. Errors name the address or the file.
  [[nodiscard]] static base::Result<std::unique_ptr<EmbeddedBroker>> start(const BusSettings& bus,
                                                                           const std::string& address,
                                                                           const Logger& log);

  [[nodiscard]] busrt::Broker& bus() noexcept { return broker_; }

  /// From now on only the process `pid` may take a collector's name. `holder`: what becomes of another
  /// process's connection under that name.
  void bind_name(std::string_view collector, int pid, busrt::NameHolder holder);

  /// Reads the access rules and the certificates again and logs what came of it; after a mistake the earlier
  /// ones stay in force.
  void reload();

 private:
  EmbeddedBroker(const BusSettings& bus, busrt::BrokerConfig config, Logger log);

  std::optional<std::string> access_file_;
  bool has_certificate_;
  Logger log_;
  busrt::Broker broker_;
};

}  // namespace daemoneye_agent
