// The flags of every collector program. The only file that includes CLI11.

#include "program/options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json/parse.hpp>
#include <map>
#include <utility>

#include "busrt/address.hpp"
#include "daemoneye/collector/limits.hpp"
#include "daemoneye/collector/runtime_directory.hpp"
#include "daemoneye/events/topics.hpp"

namespace daemoneye::collector {
namespace {

const std::map<std::string, busrt::base::LogLevel, std::less<>> log_levels = {
    {"trace", busrt::base::LogLevel::trace},
    {"debug", busrt::base::LogLevel::debug},
    {"info", busrt::base::LogLevel::info},
    {"warn", busrt::base::LogLevel::warn},
    {"error", busrt::base::LogLevel::error}};

struct RawOptions {
  std::string bus;
  std::string name;
  std::string settings;
  std::string log_level = "info";
  bool check_settings = false;
};

/// The settings on `input`, or a sentence. Bounded, and one byte more tells that there is more.
std::variant<std::string, EarlyExit> read_settings(std::string_view name, std::FILE* input) {
  std::string text(max_settings_bytes + 1, '\0');
  const std::size_t length = std::fread(text.data(), 1, text.size(), input);
  if (std::ferror(input) != 0) {
    return EarlyExit{2, fmt::format("{}: --settings -: standard input cannot be read\n", name)};
  }
  if (length > max_settings_bytes) {
    return EarlyExit{2, fmt::format("{}: --settings -: standard input has more than {} bytes\n", name,
                                    max_settings_bytes)};
  }
  text.resize(length);
  if (text.empty()) return EarlyExit{2, fmt::format("{}: --settings -: standard input is empty\n", name)};
  return text;
}

/// What the values mean, or a sentence that names the flag.
std::variant<CollectorOptions, std::string> interpret(const RawOptions& raw) {
  CollectorOptions options;
  options.check_settings = raw.check_settings;
  if (!raw.check_settings) {
    if (raw.bus.empty()) return std::string("--bus: missing, and DAEMONEYE_BUS is not set");
    if (const auto address = busrt::Address::parse_for_client(raw.bus, runtime_directory()); !address) {
      return "--bus: " + address.error().message;
    }
  }
  options.bus = raw.bus;
  if (!daemoneye::events::is_topic_word(raw.name)) {
    return fmt::format("--name: \"{}\": expected 1 to {} letters, digits, '_' or '-'", raw.name,
                       daemoneye::events::word_bytes);
  }
  options.name = raw.name;
  if (!raw.settings.empty()) {
    boost::system::error_code error;
    auto value = boost::json::parse(raw.settings, error);
    if (error) return "--settings: no well-formed JSON: " + error.message();
    if (!value.is_object()) return std::string("--settings: expected a JSON object");
    options.settings = std::move(value.get_object());
  }
  const auto level = log_levels.find(raw.log_level);
  if (level == log_levels.end()) {
    return fmt::format("--log-level: \"{}\": expected trace, debug, info, warn or error", raw.log_level);
  }
  options.log_level = level->second;
  return options;
}

}  // namespace

std::variant<CollectorOptions, EarlyExit> parse_options(std::string_view default_name, int argc,
                                                        const char* const* argv, std::FILE* input) {
  RawOptions raw;
  raw.name = default_name;
  CLI::App app(
      fmt::format("{}: a collector of DaemonEye. The agent starts it; it publishes what it sees on the bus.",
                  default_name),
      std::string(default_name));
  app.add_option("--bus", raw.bus, "Address of the bus, such as ipc:///run/daemoneye/bus.sock")
      ->envname("DAEMONEYE_BUS")
      ->type_name("ADDRESS");
  app.add_option("--name", raw.name, "Name on the bus")->type_name("NAME")->capture_default_str();
  app.add_option("--settings", raw.settings,
                 "Settings of the source, as a JSON object; - reads them from standard input")
      ->type_name("JSON");
  app.add_flag(
      "--check-settings", raw.check_settings,
      "Check the settings on standard input, print a line `FIELD: mistake` for each wrong one, and end; "
      "the exit code is 3 when there is any");
  app.add_option("--log-level", raw.log_level, "trace, debug, info, warn or error; lines go to stderr")
      ->type_name("LEVEL")
      ->capture_default_str();
  app.set_version_flag("--version", fmt::format("{} {}", default_name, DAEMONEYE_VERSION));
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return EarlyExit{0, app.help()};
  } catch (const CLI::CallForVersion& version) {
    return EarlyExit{0, std::string(version.what()) + "\n"};
  } catch (const CLI::ParseError& wrong) {
    return EarlyExit{2, fmt::format("{}: {} (see --help)\n", default_name, wrong.what())};
  }
  if (raw.settings == "-" || (raw.check_settings && raw.settings.empty())) {
    auto text = read_settings(default_name, input);
    if (auto* const exit = std::get_if<EarlyExit>(&text); exit != nullptr) return std::move(*exit);
    raw.settings = std::get<std::string>(std::move(text));
  }
  auto options = interpret(raw);
  if (const auto* const problem = std::get_if<std::string>(&options); problem != nullptr) {
    return EarlyExit{2, fmt::format("{}: {}\n", default_name, *problem)};
  }
  return std::get<CollectorOptions>(std::move(options));
}

}  // namespace daemoneye::collector
