// Settings of sources.
#include "daemoneye/collector/setting.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <optional>
#include <string>
#include <system_error>

namespace daemoneye::collector {
namespace {

/// Longest text of a wrong value in an error, in bytes.
constexpr std::size_t shown_bytes = 64;

}  // namespace

std::unexpected<busrt::base::Error> wrong_setting(std::string_view field, std::string_view expected,
                                                  const boost::json::value& got) {
  std::string shown = boost::json::serialize(got);
  if (shown.size() > shown_bytes) shown = shown.substr(0, shown_bytes) + "...";
  return busrt::base::fail(std::make_error_code(std::errc::invalid_argument),
                           fmt::format("{}: expected {}, got {}", field, expected, shown));
}

busrt::base::Result<std::uint64_t> whole_number(std::string_view field, const boost::json::value& value,
                                                std::uint64_t least, std::uint64_t most) {
  std::optional<std::uint64_t> number;
  if (value.is_uint64()) number = value.get_uint64();
  if (value.is_int64() && value.get_int64() >= 0) number = static_cast<std::uint64_t>(value.get_int64());
  if (!number || *number < least || *number > most) {
    return wrong_setting(field, fmt::format("a whole number from {} to {}", least, most), value);
  }
  return *number;
}

busrt::base::Result<bool> true_or_false(std::string_view field, const boost::json::value& value) {
  if (!value.is_bool()) return wrong_setting(field, "true or false", value);
  return value.get_bool();
}

}  // namespace daemoneye::collector
