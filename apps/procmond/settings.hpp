// What procmond can be told to do, and the checking of it.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "busrt/base/result.hpp"
#include "limits.hpp"

namespace procmond {

enum class Method : std::uint8_t {
  automatic,  ///< the connector where it is to be had, else scans
  connector,  ///< the connector or nothing
  scan,
};
[[nodiscard]] std::string_view to_string(Method method) noexcept;

struct Settings {
  Method method = Method::automatic;
  std::chrono::milliseconds scan_interval = limits::scan_interval;
  std::size_t receive_buffer_bytes = limits::receive_buffer_bytes;
  bool realtime = true;  ///< whether the thread that watches may have real-time priority
  friend bool operator==(const Settings&, const Settings&) = default;
};

/// `current` with the fields of `object` applied: method ("auto", "connector", "scan"), scan_interval_ms,
/// receive_buffer_bytes. Errors (invalid_argument) name the field and what was expected; a field that is none
/// of these is an error too.
[[nodiscard]] busrt::base::Result<Settings> apply_settings(Settings current,
                                                           const boost::json::object& object);
[[nodiscard]] boost::json::object to_json(const Settings& settings);

}  // namespace procmond
