// The schema: every key of the agent's configuration, with its default and its bounds, in one place.
#include "config/load_config.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <cctype>
#include <map>

#include "busrt/address.hpp"
#include "busrt/broker.hpp"
#include "busrt/limits.hpp"
#include "config/config_file.hpp"
#include "config/setting_reader.hpp"
#include "daemoneye/collector/limits.hpp"
#include "daemoneye/collector/runtime_directory.hpp"

extern char** environ;

namespace daemoneye_agent {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::array<std::string_view, 5> log_words = {"trace", "debug", "info", "warn", "error"};
constexpr std::array<std::string_view, 2> mode_words = {"embedded", "external"};
constexpr std::array<std::string_view, 1> default_collectors = {"procmond"};

std::string default_state_dir(const Environment& environment) {
  if (geteuid() == 0) return "/var/lib/daemoneye";
  const auto state_home = environment.find("XDG_STATE_HOME");
  if (state_home != environment.end() && !state_home->second.empty())
    return state_home->second + "/daemoneye";
  const auto home = environment.find("HOME");
  if (home != environment.end() && !home->second.empty()) return home->second + "/.local/state/daemoneye";
  return fmt::format("/tmp/daemoneye-state-{}", geteuid());
}

/// The key of a security option, and where its value comes from.
std::pair<std::string, std::string> source_of(busrt::SecurityOption option, const BusSettings& bus) {
  switch (option) {
    case busrt::SecurityOption::certificate:
      return {"bus.certificate", bus.certificate.origin};
    case busrt::SecurityOption::key:
      return {"bus.key", bus.key.origin};
    case busrt::SecurityOption::authority:
      return {"bus.authority", bus.authority.origin};
    case busrt::SecurityOption::revocations:
      return {"bus.revocations", bus.revocations.origin};
    case busrt::SecurityOption::insecure_tcp:
      return {"bus.insecure_tcp", bus.insecure_tcp.origin};
    default:
      return {"bus", "default"};  // the agent has no other
  }
}

/// A security option without effect is a mistake: whoever sets it relies on it.
void check_security(SettingReader& reader, const BusSettings& bus) {
  if (bus.mode.value == BusMode::external) return;
  busrt::BrokerConfig broker;
  broker.tls = bus.tls_files();
  broker.insecure_tcp = bus.insecure_tcp.value;
  broker.runtime_directory = daemoneye::collector::runtime_directory();
  std::vector<std::string> addresses{bus.address.value};
  addresses.insert(addresses.end(), bus.listen.value.begin(), bus.listen.value.end());
  if (const auto misuse = busrt::find_security_misuse(broker, addresses)) {
    const auto [key, origin] = source_of(misuse->option, bus);
    reader.reject(key, origin, misuse->reason);
  }
}

/// Enough for collectors, operators and sinks of one host. Each may block publishers, so that more would be a
/// mistake or an attack rather than use.
constexpr std::uint64_t default_connections = 100;

void reject_for_external(SettingReader& reader, const char* key, const std::string& origin) {
  if (origin == "default") return;
  reader.reject(key, origin, "is for the embedded broker; tell it to the broker that runs elsewhere");
}

/// A numeric address that is not loopback. What a name stands for is known at the start alone.
bool is_beyond_loopback(const std::string& host) {
  boost::system::error_code is_name;
  const auto address = boost::asio::ip::make_address(host, is_name);
  return !is_name && !address.is_loopback();
}

/// What only a broker of the agent's own can be told.
void read_listeners(SettingReader& reader, BusSettings& bus) {
  bus.listen = reader.texts("bus.listen");
  bus.insecure_tcp = reader.boolean("bus.insecure_tcp", false);
  bus.certificate = reader.file("bus.certificate");
  bus.key = reader.file("bus.key");
  bus.authority = reader.file("bus.authority");
  bus.revocations = reader.file("bus.revocations");
  bus.access = reader.file("bus.access");
  const auto need_broker = [&](const char* key, const std::string& origin, bool given) {
    if (given && bus.mode.value == BusMode::external) reject_for_external(reader, key, origin);
  };
  need_broker("bus.listen", bus.listen.origin, !bus.listen.value.empty());
  need_broker("bus.insecure_tcp", bus.insecure_tcp.origin, bus.insecure_tcp.value);
  need_broker("bus.certificate", bus.certificate.origin, bus.certificate.value.has_value());
  need_broker("bus.key", bus.key.origin, bus.key.value.has_value());
  need_broker("bus.authority", bus.authority.origin, bus.authority.value.has_value());
  need_broker("bus.revocations", bus.revocations.origin, bus.revocations.value.has_value());
  need_broker("bus.access", bus.access.origin, bus.access.value.has_value());
  for (const auto& text : bus.listen.value) {
    const auto address = busrt::Address::parse(text, daemoneye::collector::runtime_directory());
    if (!address) {
      reader.reject("bus.listen", bus.listen.origin, address.error().describe());
      continue;
    }
    switch (address->scheme) {
      case busrt::Address::Scheme::unix_socket:
        break;
      case busrt::Address::Scheme::plain_tcp:
        if (!bus.insecure_tcp.value && is_beyond_loopback(address->target)) {
          reader.reject("bus.listen", bus.listen.origin,
                        fmt::format("found \"{}\", which has no TLS and is more than this host: expected "
                                    "tcp://HOST:PORT, or bus.insecure_tcp = true",
                                    text));
        }
        break;
      case busrt::Address::Scheme::tls_tcp:
        if (!bus.certificate.value || !bus.key.value || !bus.authority.value) {
          reader.reject(
              "bus.listen", bus.listen.origin,
              fmt::format("found \"{}\", which needs bus.certificate, bus.key and bus.authority", text));
        }
        break;
      default:
        reader.reject("bus.listen", bus.listen.origin,
                      fmt::format("found \"{}\", expected ipc://PATH, HOST:PORT or tcp://HOST:PORT", text));
    }
  }
}

/// What the embedded broker may take of the machine for its clients.
void read_resources(SettingReader& reader, BusSettings& bus) {
  bus.max_connections = reader.number("bus.max_connections", default_connections, 1, 1'000'000);
  bus.memory_bytes =
      reader.number("bus.memory_bytes", busrt::limits::broker_memory_bytes, 1U << 20, std::uint64_t{1} << 44);
  if (bus.mode.value == BusMode::external) {
    reject_for_external(reader, "bus.max_connections", bus.max_connections.origin);
    reject_for_external(reader, "bus.memory_bytes", bus.memory_bytes.origin);
    return;
  }
  busrt::BrokerConfig fitted;
  fitted.queue_bytes = bus.queue_bytes.value;
  fitted.memory_bytes =
      std::max(bus.memory_bytes.value, busrt::least_client_memory(fitted.max_body_bytes, fitted.queue_bytes));
  busrt::fit_memory_limits(fitted);
  if (bus.memory_bytes.value < fitted.memory_bytes && bus.memory_bytes.origin != "default") {
    reader.reject(
        "bus.memory_bytes", bus.memory_bytes.origin,
        fmt::format("found {}, expected at least {}: a client may hold a queue of {} bytes "
                    "(bus.queue_bytes) and frames of {}",
                    bus.memory_bytes.value, fitted.memory_bytes, fitted.queue_bytes, fitted.max_body_bytes));
  }
}

BusSettings read_bus(SettingReader& reader) {
  BusSettings bus;
  const auto mode = reader.word("bus.mode", 0, mode_words);
  bus.mode = {mode.value == 0 ? BusMode::embedded : BusMode::external, mode.origin};
  bus.address = reader.text("bus.address", "ipc://daemoneye.sock");
  const auto parse =
      bus.mode.value == BusMode::external ? &busrt::Address::parse_for_client : &busrt::Address::parse;
  const auto address = parse(bus.address.value, daemoneye::collector::runtime_directory());
  if (!address) {
    reader.reject("bus.address", bus.address.origin, address.error().describe());
  } else if (bus.mode.value == BusMode::embedded && address->scheme != busrt::Address::Scheme::unix_socket) {
    reader.reject(
        "bus.address", bus.address.origin,
        fmt::format("found \"{}\"; the embedded broker listens on unix sockets, expected ipc://PATH",
                    bus.address.value));
  }
  bus.timeout = reader.duration<milliseconds>("bus.timeout_ms", busrt::limits::timeout, 100ms, 10min);
  bus.queue_frames = reader.number("bus.queue_frames", 65536, 16, 16'777'216);
  bus.queue_bytes = reader.number("bus.queue_bytes", 64U << 20, 65536, std::uint64_t{16} << 30);
  bus.stall_limit =
      reader.duration<milliseconds>("bus.stall_limit_ms", busrt::limits::stall_limit, 10ms, 10min);
  read_resources(reader, bus);
  read_listeners(reader, bus);
  check_security(reader, bus);
  return bus;
}

/// How much longer than its drain a collector may take to end.
constexpr milliseconds ending_margin = 1s;

CollectorSettings read_collector(SettingReader& reader, const std::string& name, const BusSettings& bus) {
  const std::string key = "collectors." + name + ".";
  CollectorSettings collector;
  collector.name = name;
  collector.enabled = reader.boolean(key + "enabled", true);
  collector.path = reader.text(key + "path", "");
  collector.args = reader.texts(key + "args");
  collector.settings = reader.json_object(key + "settings");
  for (auto& [setting, origin] : reader.table_members(key + "settings")) {
    collector.setting_origins.emplace(std::move(setting), std::move(origin));
  }
  collector.start_timeout = reader.duration<milliseconds>(key + "start_timeout_ms", 10s, 100ms, 10min);
  collector.grace_period = reader.duration<milliseconds>(
      key + "grace_period_ms", daemoneye::collector::limits::drain + ending_margin, 0ms, 10min);

  const std::string health = key + "health.";
  collector.health.interval = reader.duration<milliseconds>(health + "interval_ms", 2s, 50ms, 1h);
  collector.health.timeout = reader.duration<milliseconds>(health + "timeout_ms", 2s, 10ms, 10min);
  collector.health.max_missed = reader.number(health + "max_missed", 3, 1, 1000);
  // The broker looks at its stall limit sixteen times within it, and may be late once.
  collector.bus_patience = bus.stall_limit.value * 9 / 8 + collector.health.timeout.value;

  const std::string restart = key + "restart.";
  collector.restart.initial_backoff =
      reader.duration<milliseconds>(restart + "initial_backoff_ms", 500ms, 1ms, 10min);
  collector.restart.max_backoff = reader.duration<milliseconds>(restart + "max_backoff_ms", 30s, 1ms, 1h);
  collector.restart.max_restarts = reader.number(restart + "max_restarts", 10, 0, 1'000'000);
  collector.restart.window = reader.duration<seconds>(restart + "window_s", 600s, 1s, 168h);
  collector.restart.stable = reader.duration<seconds>(restart + "stable_s", 60s, 1s, 168h);
  if (collector.restart.max_backoff.value < collector.restart.initial_backoff.value) {
    reader.reject(restart + "max_backoff_ms", collector.restart.max_backoff.origin,
                  fmt::format("found {}, expected at least initial_backoff_ms ({})",
                              collector.restart.max_backoff.value.count(),
                              collector.restart.initial_backoff.value.count()));
  }
  return collector;
}

/// A collector's name is its client name on the bus, a topic segment and part of keys, so it stays plain.
bool plain_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, fits);
}

std::vector<CollectorSettings> read_collectors(SettingReader& reader, const BusSettings& bus) {
  std::vector<std::string> names(default_collectors.begin(), default_collectors.end());
  std::map<std::string, std::string> origins;
  for (auto& [name, origin] : reader.table_keys("collectors")) {
    if (!plain_name(name)) {
      reader.reject("collectors", origin,
                    fmt::format("found the collector name \"{}\", expected 1 to 64 of a-z 0-9 _ -", name));
      continue;
    }
    origins[name] = std::move(origin);
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  std::vector<CollectorSettings> collectors;
  for (const auto& name : names) {
    collectors.push_back(read_collector(reader, name, bus));
    if (const auto found = origins.find(name); found != origins.end())
      collectors.back().origin = found->second;
  }
  return collectors;
}

Config read_config(SettingReader& reader, const std::string& file, const Environment& environment) {
  Config config;
  config.file = file;
  auto state_dir = reader.text("state_dir", default_state_dir(environment));
  if (state_dir.value.empty())
    reader.reject("state_dir", state_dir.origin, "found \"\", expected a directory");
  config.state_dir = {std::move(state_dir.value), std::move(state_dir.origin)};
  const auto level = reader.word("log_level", 2, log_words);
  config.log_level = {static_cast<busrt::base::LogLevel>(level.value), level.origin};
  config.bus = read_bus(reader);
  config.collectors = read_collectors(reader, config.bus);
  return config;
}

struct File {
  std::string name;
  std::string text;
};

std::expected<File, ConfigErrors> read_file(const FlagValues& flags, const Environment& environment,
                                            std::optional<std::string> text) {
  File file;
  std::string named_by = "--config";
  if (flags.config_file) {
    file.name = *flags.config_file;
  } else if (const auto found = environment.find("DAEMONEYE_CONFIG"); found != environment.end()) {
    file.name = found->second;
    named_by = "DAEMONEYE_CONFIG";
    if (file.name.empty()) {
      return std::unexpected(
          ConfigErrors{"DAEMONEYE_CONFIG: found \"\", expected a file; leave it out where none is meant"});
    }
  }
  if (text) {
    file.text = std::move(*text);
  } else if (!file.name.empty() || flags.config_file) {
    auto content = read_config_file(file.name);
    if (!content) {
      return std::unexpected(ConfigErrors{fmt::format("{}: cannot read the configuration named by {}: {}",
                                                      file.name, named_by, content.error().message)});
    }
    file.text = std::move(*content);
  }
  return file;
}

}  // namespace

Environment process_environment() {
  Environment variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    const std::string_view name = text.substr(0, equals);
    if (equals == std::string_view::npos) continue;
    if (name.starts_with("DAEMONEYE_") || name == "XDG_STATE_HOME" || name == "HOME") {
      variables.emplace(name, text.substr(equals + 1));
    }
  }
  return variables;
}

std::expected<LoadedConfig, ConfigErrors> load_config(const FlagValues& flags, const Environment& environment,
                                                      std::optional<std::string> file_text) {
  auto file = read_file(flags, environment, std::move(file_text));
  if (!file) return std::unexpected(std::move(file.error()));
  toml::table table;
  try {
    table = toml::parse(file->text, file->name);
  } catch (const toml::parse_error& problem) {
    const auto at = problem.source().begin;
    return std::unexpected(
        ConfigErrors{fmt::format("{}:{}:{}: {}", file->name, at.line, at.column, problem.description())});
  }
  SettingReader reader(table, file->name, environment);
  reader.set_flag("bus.address", "--bus", flags.bus);
  reader.set_flag("state_dir", "--state-dir", flags.state_dir);
  reader.set_flag("log_level", "--log-level", flags.log_level);
  reader.set_short_name("bus.address", "DAEMONEYE_BUS");
  reader.expect_variable("DAEMONEYE_CONFIG");
  LoadedConfig loaded{read_config(reader, file->name, environment), {}};
  reader.check_unknown();
  if (!reader.errors().empty()) return std::unexpected(std::move(reader.errors()));
  loaded.warnings = std::move(reader.warnings());
  return loaded;
}

}  // namespace daemoneye_agent
