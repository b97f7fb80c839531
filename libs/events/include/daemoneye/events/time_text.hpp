// Times as RFC 3339 text.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "busrt/base/result.hpp"

namespace daemoneye::events {

/// In UTC with nine digits of fraction.
[[nodiscard]] std::string format_time(std::chrono::system_clock::time_point time);

/// Appends the same to `out`.
void append_time(std::string& out, std::chrono::system_clock::time_point time);

/// Takes any number of digits up to nine, and an offset.
/// Errors: errc::malformed.
[[nodiscard]] busrt::base::Result<std::chrono::system_clock::time_point> parse_time(std::string_view text);

}  // namespace daemoneye::events
