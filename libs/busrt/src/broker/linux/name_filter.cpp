#include "broker/name_filter.hpp"

#include <re2/re2.h>

namespace busrt::broker {

namespace {
/// A pattern longer than this is no filter for names of limits::max_name_bytes.
constexpr std::size_t max_filter_bytes = 1024;
/// Bytes of a compiled pattern. Compiling takes time in proportion: this much, some tenths of a millisecond.
/// RE2's default of 8 MiB lets `(\pL\pN\pS\pP){100}` take 80 ms.
constexpr int max_compiled_bytes = 128 << 10;
}  // namespace

std::optional<std::string> keep_matching(std::vector<ClientInfo>& clients, const std::string& pattern) {
  // Others wait meanwhile. RE2 matches in linear time; compiling is bounded here.
  if (pattern.size() > max_filter_bytes) return "longer than 1024 bytes";
  RE2::Options options(RE2::Quiet);
  options.set_max_mem(max_compiled_bytes);
  const RE2 expression(pattern, options);
  if (!expression.ok()) return expression.error();
  std::erase_if(clients,
                [&](const ClientInfo& client) { return !RE2::PartialMatch(client.name, expression); });
  return std::nullopt;
}

}  // namespace busrt::broker
