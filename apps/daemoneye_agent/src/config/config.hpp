// The agent's configuration as the rest of the agent sees it: every value with the place it came from.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "busrt/base/log.hpp"
#include "busrt/tls.hpp"

namespace daemoneye_agent {

/// A value and where it came from: "default", "agent.toml:3:1", "DAEMONEYE_BUS" or "--bus".
template <class T>
struct Setting {
  T value{};
  std::string origin = "default";
};

enum class BusMode : std::uint8_t {
  embedded,  ///< the broker runs inside the agent
  external,  ///< the agent is a client of a broker that somebody else runs
};

struct BusSettings {
  Setting<BusMode> mode{BusMode::embedded};
  Setting<std::string> address;  ///< a connection string, checked
  Setting<std::chrono::milliseconds> timeout;
  /// Embedded mode only: bounds of one client's outbound queue.
  Setting<std::uint64_t> queue_frames;
  Setting<std::uint64_t> queue_bytes;
  /// Embedded mode only: what all clients together may take of the broker. `memory_bytes` holds at least one
  /// client.
  Setting<std::uint64_t> max_connections;
  Setting<std::uint64_t> memory_bytes;
  /// How long the broker lets a full queue hold its publishers. In external mode it has to equal that
  /// broker's.
  Setting<std::chrono::milliseconds> stall_limit;
  /// Embedded mode only: further addresses to listen on, and what those and their clients need.
  Setting<std::vector<std::string>> listen;
  Setting<bool> insecure_tcp{false};
  Setting<std::optional<std::string>> certificate, key, authority,
      revocations;                             ///< PEM, read again on SIGHUP
  Setting<std::optional<std::string>> access;  ///< access rules (docs/access.md), read again on SIGHUP

  [[nodiscard]] busrt::TlsFiles tls_files() const {
    return {.certificate = certificate.value,
            .key = key.value,
            .authority = authority.value,
            .revocations = revocations.value};
  }
};

struct RestartSettings {
  Setting<std::chrono::milliseconds> initial_backoff;
  Setting<std::chrono::milliseconds> max_backoff;
  Setting<std::uint64_t> max_restarts;  ///< more than this many within `window` and the agent gives up
  Setting<std::chrono::seconds> window;
  Setting<std::chrono::seconds> stable;  ///< running this long makes the next backoff start small again
};

struct HealthSettings {
  Setting<std::chrono::milliseconds> interval;
  Setting<std::chrono::milliseconds> timeout;
  Setting<std::uint64_t> max_missed;  ///< checks in a row without an answer before the collector is killed
};

struct CollectorSettings {
  std::string name;
  std::string origin = "default";  ///< of its table in the file
  Setting<bool> enabled{true};
  Setting<std::string> path;  ///< empty: a program of the collector's name, beside the agent's own or in PATH
  Setting<std::vector<std::string>> args;
  Setting<boost::json::object> settings;               ///< handed to the collector as it is
  std::map<std::string, std::string> setting_origins;  ///< of each member of `settings`, by its name
  Setting<std::chrono::milliseconds> start_timeout;
  Setting<std::chrono::milliseconds> grace_period;
  HealthSettings health;
  RestartSettings restart;
  /// Derived, no setting: the bus may hold a publisher for a slow reader, and its answers with it. The agent
  /// takes a collector that is silent for a shorter time for held, not for hung.
  std::chrono::milliseconds bus_patience{};
};

struct Config {
  std::string file;  ///< empty when none was read
  Setting<std::filesystem::path> state_dir;
  Setting<busrt::base::LogLevel> log_level{busrt::base::LogLevel::info};
  BusSettings bus;
  std::vector<CollectorSettings> collectors;  ///< in start order, by name
};

}  // namespace daemoneye_agent
