// Losses by cause, for a collector's health: every event that is missing is in one of these numbers.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace daemoneye::collector {

class LossTotals {
 public:
  /// `count` empty: nobody can tell how many. Past limits::loss_causes different causes, the rest goes under
  /// `other`.
  void add(std::string_view cause, std::optional<std::uint64_t> count);

  /// {cause: count | "unknown"}; unknown once any loss of that cause was.
  [[nodiscard]] boost::json::object to_json() const;
  [[nodiscard]] std::uint64_t known(std::string_view cause) const;

 private:
  struct Total {
    std::uint64_t count = 0;
    bool unknown = false;
  };
  std::map<std::string, Total, std::less<>> totals_;
};

}  // namespace daemoneye::collector
