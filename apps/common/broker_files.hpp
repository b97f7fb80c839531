// The files that a running broker reads again: access rules and certificates.
#pragma once

#include <cstddef>
#include <memory>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>

#include "busrt/access.hpp"
#include "busrt/broker.hpp"
#include "common/error_sentence.hpp"
#include "common/logger.hpp"

namespace program {

/// Reads a file of access rules. Returns null if no file is named. Errors: the mistakes in the file, one a
/// line; sentence() writes them.
[[nodiscard]] inline busrt::Result<std::shared_ptr<const busrt::AccessRules>> load_access(
    const std::string& file) {
  if (file.empty()) return nullptr;
  auto rules = busrt::AccessRules::load(file);
  if (!rules) return std::unexpected(std::move(rules).error());
  return std::make_shared<const busrt::AccessRules>(*std::move(rules));
}

/// Reads the file again and puts its rules into force. If the file has mistakes, the earlier rules stay in
/// force, and each mistake is one line of the log. Each line begins with `prefix`.
inline void reload_access(busrt::Broker& broker, const std::string& file, std::string_view prefix,
                          const Logger& log) {
  auto rules = load_access(file);
  if (!rules) {
    const std::string mistakes = sentence(rules.error());
    for (const auto line : std::views::split(mistakes, '\n'))
      log.error("{}{}", prefix, std::string_view(line));
    log.error("{}the earlier access rules stay in force", prefix);
    return;
  }
  const std::size_t entries = (*rules)->entries.size();
  broker.set_access(*std::move(rules));
  log.info("{}access rules of {} are in force: {} clients and masks", prefix, file, entries);
}

/// Reads the certificates again. If they do not serve, the earlier certificates stay in use. Each line of the
/// log begins with `prefix`.
inline void reload_certificates(busrt::Broker& broker, std::string_view prefix, const Logger& log) {
  if (auto reloaded = broker.reload_certificates(); reloaded) {
    log.info("{}certificates read again", prefix);
  } else {
    log.error("{}the earlier certificates stay in use: {}", prefix, reloaded.error().describe());
  }
}

}  // namespace program
