// Field by field; the first wrong one is the error.
#include "settings.hpp"

#include <fmt/format.h>

#include <boost/json/value.hpp>

#include "daemoneye/collector/setting.hpp"

namespace procmond {
namespace {

namespace json = boost::json;

using daemoneye::collector::true_or_false;
using daemoneye::collector::whole_number;

busrt::base::Result<Method> method_of(const json::value& value) {
  if (value.is_string()) {
    for (const Method method : {Method::automatic, Method::connector, Method::scan}) {
      if (std::string_view(value.get_string()) == to_string(method)) return method;
    }
  }
  return daemoneye::collector::wrong_setting("method", "\"auto\", \"connector\" or \"scan\"", value);
}

}  // namespace

std::string_view to_string(Method method) noexcept {
  switch (method) {
    case Method::automatic:
      return "auto";
    case Method::connector:
      return "connector";
    case Method::scan:
      return "scan";
  }
  return "unknown";
}

busrt::base::Result<Settings> apply_settings(Settings current, const json::object& object) {
  for (const auto& member : object) {
    const std::string_view field = member.key();
    if (field == "method") {
      auto method = method_of(member.value());
      if (!method) return std::unexpected(method.error());
      current.method = *method;
    } else if (field == "scan_interval_ms") {
      auto number =
          whole_number(field, member.value(), static_cast<std::uint64_t>(limits::scan_interval_least.count()),
                       static_cast<std::uint64_t>(limits::scan_interval_most / std::chrono::milliseconds(1)));
      if (!number) return std::unexpected(number.error());
      current.scan_interval = std::chrono::milliseconds(*number);
    } else if (field == "receive_buffer_bytes") {
      auto number =
          whole_number(field, member.value(), limits::receive_buffer_least, limits::receive_buffer_most);
      if (!number) return std::unexpected(number.error());
      current.receive_buffer_bytes = *number;
    } else if (field == "realtime") {
      auto allowed = true_or_false(field, member.value());
      if (!allowed) return std::unexpected(allowed.error());
      current.realtime = *allowed;
    } else {
      return busrt::base::fail(std::make_error_code(std::errc::invalid_argument),
                               fmt::format("{}: no such setting; there are method, scan_interval_ms, "
                                           "receive_buffer_bytes and realtime",
                                           field));
    }
  }
  return current;
}

json::object to_json(const Settings& settings) {
  return {{"method", to_string(settings.method)},
          {"scan_interval_ms", settings.scan_interval.count()},
          {"receive_buffer_bytes", settings.receive_buffer_bytes},
          {"realtime", settings.realtime}};
}

}  // namespace procmond
