// The broker inside the agent: how the settings become a broker, and what of it is read again on SIGHUP.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/base/result.hpp"
#include "busrt/broker.hpp"
#include "config/config.hpp"
#include "logger.hpp"

namespace daemoneye_agent {

class EmbeddedBroker {
 public:
  /// For `address` (ipc://), whose directory it prepares, and for every address of `bus.listen`. Errors name
  /// the directory or the file.
  [[nodiscard]] static busrt::base::Result<std::unique_ptr<EmbeddedBroker>> make(const BusSettings& bus,
                                                                                 const std::string& address,
                                                                                 const Logger& log);
  /// Listens on every address. Blocks while a host name is looked up; bus().shutdown() from another thread
  /// ends that. Errors name the address.
  [[nodiscard]] busrt::base::Result<> listen();

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
  std::vector<std::string> addresses_;
  Logger log_;
  busrt::Broker broker_;
};

}  // namespace daemoneye_agent
