// Each check reads what the start would read, by the same functions.
#include "start_check.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <ranges>
#include <string_view>
#include <utility>

#include "busrt/access.hpp"
#include "busrt/address.hpp"
#include "busrt/base/trusted_file.hpp"
#include "busrt/tls.hpp"
#include "daemoneye/collector/runtime_directory.hpp"
#include "error_sentence.hpp"
#include "supervisor/supervisor.hpp"

namespace daemoneye_agent {
namespace {

using Path = std::optional<std::string>;

void add(ConfigCheck& check, const std::string& origin, std::string_view key, std::string_view mistake) {
  check.errors.push_back(fmt::format("{}: {}: {}", origin, key, mistake));
}

/// Why the directory cannot be used or made; empty: it can. The agent runs without a state directory on a
/// file system that is read-only, and not without a socket.
std::string directory_problem(const std::filesystem::path& directory, bool private_to_agent) {
  const auto whole = std::filesystem::absolute(directory).lexically_normal();
  std::error_code failed;
  auto level = whole;
  while (!std::filesystem::exists(level, failed) && level.has_relative_path()) level = level.parent_path();
  if (!std::filesystem::is_directory(level, failed)) return level.string() + " is no directory";
  if (level == whole && private_to_agent) {
    if (const auto trusted = busrt::base::check_trusted_directory(whole); !trusted)
      return sentence(trusted.error());
  }
  if (::access(level.c_str(), W_OK | X_OK) == 0 || errno == EROFS) return {};
  return fmt::format("cannot write in {}: {}", level.string(), std::generic_category().message(errno));
}

void check_socket(ConfigCheck& check, const std::string& origin, std::string_view key,
                  const std::string& text) {
  const auto address = busrt::Address::parse(text, daemoneye::collector::runtime_directory());
  if (!address || address->scheme != busrt::Address::Scheme::unix_socket) return;
  const std::filesystem::path socket(address->target);
  const auto directory = std::filesystem::absolute(socket).parent_path();
  const bool own = directory == daemoneye::collector::runtime_directory();
  if (const std::string problem = directory_problem(directory, own); !problem.empty()) {
    add(check, origin, key, problem);
    return;
  }
  std::error_code failed;
  const auto found = std::filesystem::symlink_status(socket, failed);
  if (std::filesystem::exists(found) && !std::filesystem::is_socket(found))
    add(check, origin, key, fmt::format("the file {} is there and is no socket", socket.string()));
}

void check_access(ConfigCheck& check, const Setting<Path>& file) {
  if (!file.value) return;
  const auto rules = busrt::AccessRules::load(*file.value);
  if (rules) return;
  const std::string mistakes = sentence(rules.error());
  for (const auto line : std::views::split(mistakes, '\n'))
    add(check, file.origin, "bus.access", std::string_view(line));
}

/// Names every file that cannot be read; else what a listener would refuse first.
void check_certificates(ConfigCheck& check, const BusSettings& bus) {
  const bool used = std::ranges::any_of(bus.listen.value, [](const std::string& text) {
    const auto address = busrt::Address::parse(text, daemoneye::collector::runtime_directory());
    return address && address->scheme == busrt::Address::Scheme::tls_tcp;
  });
  if (!used) return;
  const std::array<std::pair<std::string_view, const Setting<Path>&>, 4> files = {
      {{"certificate", bus.certificate},
       {"key", bus.key},
       {"authority", bus.authority},
       {"revocations", bus.revocations}}};
  const std::size_t before = check.errors.size();
  for (const auto& [field, file] : files) {
    if (!file.value) continue;
    const auto read = busrt::base::read_trusted_regular_file(*file.value, 1);
    if (read) continue;
    const bool named = !read.error().message.empty();
    add(check, file.origin, fmt::format("bus.{}", field),
        named ? sentence(read.error())
              : fmt::format("{} cannot be read: {}", *file.value, read.error().code.message()));
  }
  if (check.errors.size() != before) return;
  const auto loaded = busrt::check_listener_files(bus.tls_files());
  if (loaded) return;
  const std::string mistake = sentence(loaded.error());
  for (const auto& [field, file] : files) {
    if (!mistake.starts_with(fmt::format("{} ", field))) continue;
    add(check, file.origin, fmt::format("bus.{}", field), mistake.substr(field.size() + 1));
    return;
  }
  add(check, bus.listen.origin, "bus.listen", mistake);
}

}  // namespace

ConfigCheck check_start(const Config& config) {
  ConfigCheck check;
  if (const std::string problem = directory_problem(config.state_dir.value, true); !problem.empty())
    add(check, config.state_dir.origin, "state_dir", problem);
  if (config.bus.mode.value == BusMode::embedded) {
    check_socket(check, config.bus.address.origin, "bus.address", config.bus.address.value);
    for (const std::string& each : config.bus.listen.value)
      check_socket(check, config.bus.listen.origin, "bus.listen", each);
    check_access(check, config.bus.access);
    check_certificates(check, config.bus);
  }
  for (const auto& collector : config.collectors) {
    if (!collector.enabled.value) continue;
    const auto program = find_program(collector.name, collector.path, collector.origin);
    if (!program) check.errors.push_back(program.error().message);
  }
  return check;
}

}  // namespace daemoneye_agent
