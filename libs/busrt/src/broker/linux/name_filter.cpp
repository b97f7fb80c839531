#include "broker/name_filter.hpp"

#include <re2/re2.h>

namespace busrt::broker {

namespace {
/// A pattern longer than this is no filter for names of limits::max_name_bytes.
constexpr std::size_t max_filter_bytes = 1024;
}  // namespace

std::optional<std::string> keep_matching(std::vector<ClientInfo>& clients, const std::string& pattern) {
  // RE2 runs in linear time: a hostile pattern costs its sender's patience, not the broker's.
  if (pattern.size() > max_filter_bytes) return "longer than 1024 bytes";
  const RE2 expression(pattern, RE2::Quiet);
  if (!expression.ok()) return expression.error();
  std::erase_if(clients,
                [&](const ClientInfo& client) { return !RE2::PartialMatch(client.name, expression); });
  return std::nullopt;
}

}  // namespace busrt::broker
