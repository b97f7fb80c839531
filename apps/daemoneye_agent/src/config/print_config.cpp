// What --check-config prints: TOML that the agent would read again, and where each value came from.
#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "busrt/base/printable.hpp"
#include "config/load_config.hpp"

namespace daemoneye_agent {
namespace {

/// Where the comments begin, unless a line is longer.
constexpr std::size_t comment_column = 44;

class Printer {
 public:
  void section(const std::string& name) { text_ += fmt::format("\n[{}]\n", name); }

  template <class T>
  void value(std::string_view key, const Setting<T>& setting, const std::string& shown) {
    const std::string line = fmt::format("{} = {}", key, shown);
    text_ += fmt::format("{:<{}} # {}\n", line, comment_column, busrt::base::printable(setting.origin));
  }
  template <class Rep, class Period>
  void value(std::string_view key, const Setting<std::chrono::duration<Rep, Period>>& setting) {
    value(key, setting, std::to_string(setting.value.count()));
  }
  void value(std::string_view key, const Setting<std::uint64_t>& setting) {
    value(key, setting, std::to_string(setting.value));
  }
  void value(std::string_view key, const Setting<std::string>& setting) {
    value(key, setting, quoted(setting.value));
  }

  /// A file that is not set has no value in TOML.
  void value(std::string_view key, const Setting<std::optional<std::string>>& setting) {
    if (setting.value) {
      value(key, setting, quoted(*setting.value));
    } else {
      text_ += fmt::format("# {} is not set\n", key);
    }
  }

  /// JSON's string syntax is within TOML's. What could act on a terminal or disguise the text is escaped.
  static std::string quoted(std::string_view text) {
    return busrt::base::printable_json(boost::json::serialize(boost::json::string(text)));
  }

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string level_word(busrt::base::LogLevel level) {
  switch (level) {
    case busrt::base::LogLevel::trace:
      return "trace";
    case busrt::base::LogLevel::debug:
      return "debug";
    case busrt::base::LogLevel::info:
      return "info";
    case busrt::base::LogLevel::warn:
      return "warn";
    case busrt::base::LogLevel::error:
      return "error";
  }
  return "info";
}

/// JSON values as TOML inline values.
std::string inline_value(const boost::json::value& value) {
  if (const auto* object = value.if_object()) {
    std::string text = "{";
    for (const auto& member : *object) {
      text += fmt::format("{}{} = {}", text.size() > 1 ? ", " : " ",
                          Printer::quoted({member.key().data(), member.key().size()}),
                          inline_value(member.value()));
    }
    return text + (text.size() > 1 ? " }" : "}");
  }
  if (const auto* array = value.if_array()) {
    std::string text = "[";
    for (const auto& item : *array) text += (text.size() > 1 ? ", " : "") + inline_value(item);
    return text + "]";
  }
  return busrt::base::printable_json(boost::json::serialize(value));
}

std::string list_of(const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const auto& text : texts) list += (list.size() > 1 ? ", " : "") + Printer::quoted(text);
  return list + "]";
}

void print_bus(Printer& out, const BusSettings& bus) {
  out.section("bus");
  out.value("mode", bus.mode, bus.mode.value == BusMode::embedded ? "\"embedded\"" : "\"external\"");
  out.value("address", bus.address);
  out.value("timeout_ms", bus.timeout);
  out.value("queue_frames", bus.queue_frames);
  out.value("queue_bytes", bus.queue_bytes);
  out.value("max_connections", bus.max_connections);
  out.value("memory_bytes", bus.memory_bytes);
  out.value("stall_limit_ms", bus.stall_limit);
  out.value("listen", bus.listen, list_of(bus.listen.value));
  out.value("insecure_tcp", bus.insecure_tcp, bus.insecure_tcp.value ? "true" : "false");
  out.value("certificate", bus.certificate);
  out.value("key", bus.key);
  out.value("authority", bus.authority);
  out.value("revocations", bus.revocations);
  out.value("access", bus.access);
}

void print_collector(Printer& out, const CollectorSettings& collector) {
  const std::string section = "collectors." + collector.name;
  out.section(section);
  out.value("enabled", collector.enabled, collector.enabled.value ? "true" : "false");
  out.value("path", collector.path);
  out.value("args", collector.args, list_of(collector.args.value));
  out.value("settings", collector.settings, inline_value(collector.settings.value));
  out.value("start_timeout_ms", collector.start_timeout);
  out.value("grace_period_ms", collector.grace_period);
  out.section(section + ".health");
  out.value("interval_ms", collector.health.interval);
  out.value("timeout_ms", collector.health.timeout);
  out.value("max_missed", collector.health.max_missed);
  out.section(section + ".restart");
  out.value("initial_backoff_ms", collector.restart.initial_backoff);
  out.value("max_backoff_ms", collector.restart.max_backoff);
  out.value("max_restarts", collector.restart.max_restarts);
  out.value("window_s", collector.restart.window);
  out.value("stable_s", collector.restart.stable);
}

}  // namespace

std::string print_config(const Config& config) {
  Printer out;
  out.value("state_dir", config.state_dir, Printer::quoted(config.state_dir.value.string()));
  out.value("log_level", config.log_level, Printer::quoted(level_word(config.log_level.value)));
  print_bus(out, config.bus);
  for (const auto& collector : config.collectors) print_collector(out, collector);
  return out.take();
}

}  // namespace daemoneye_agent
