// Losses by cause.

#include "runtime/loss_totals.hpp"

#include "daemoneye/collector/limits.hpp"

namespace daemoneye::collector {

void LossTotals::add(std::string_view cause, std::optional<std::uint64_t> count) {
  auto found = totals_.find(cause);
  if (found == totals_.end()) {
    const bool room = totals_.size() < limits::loss_causes;
    found = totals_.try_emplace(room ? std::string(cause) : std::string("other")).first;
  }
  if (count) {
    found->second.count += *count;
  } else {
    found->second.unknown = true;
  }
}

boost::json::object LossTotals::to_json() const {
  boost::json::object object;
  for (const auto& [cause, total] : totals_) {
    if (total.unknown) {
      object[cause] = "unknown";
    } else {
      object[cause] = total.count;
    }
  }
  return object;
}

std::uint64_t LossTotals::known(std::string_view cause) const {
  const auto found = totals_.find(cause);
  return found == totals_.end() ? 0 : found->second.count;
}

}  // namespace daemoneye::collector
