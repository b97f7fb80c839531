// Reading the configuration: flag before environment before file before default, and every mistake named at
// once.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"

namespace daemoneye_agent {

/// What the command line said about settings that a file can hold too.
struct FlagValues {
  std::optional<std::string> config_file;
  std::optional<std::string> bus;
  std::optional<std::string> state_dir;
  std::optional<std::string> log_level;
};

/// The process's environment, or a test's. Only names that begin with DAEMONEYE_ and XDG_STATE_HOME and HOME
/// are read.
using Environment = std::map<std::string, std::string, std::less<>>;
[[nodiscard]] Environment process_environment();

struct LoadedConfig {
  Config config;
  std::vector<std::string> warnings;  ///< sentences, each naming its place
};

/// All mistakes of all sources, one line each: `agent.toml:3:16: bus.queue_frames: found "many" (string),
/// expected ...`.
using ConfigErrors = std::vector<std::string>;

/// `file_text` stands for the file's content in tests; otherwise the file named by flag or DAEMONEYE_CONFIG
/// is read.
[[nodiscard]] std::expected<LoadedConfig, ConfigErrors> load_config(
    const FlagValues& flags, const Environment& environment,
    std::optional<std::string> file_text = std::nullopt);

/// The effective configuration as TOML, each line with the origin of its value as a comment.
[[nodiscard]] std::string print_config(const Config& config);

}  // namespace daemoneye_agent
