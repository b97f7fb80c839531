// Reads settings of a source, for EventSource::configure(). Errors (std::errc::invalid_argument) name the
// field, what was expected, and what came.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <expected>
#include <string_view>

#include "busrt/base/result.hpp"

namespace daemoneye::collector {

/// Returns the error for a setting that is not what was expected.
[[nodiscard]] std::unexpected<busrt::base::Error> wrong_setting(std::string_view field,
                                                                std::string_view expected,
                                                                const boost::json::value& got);

/// Returns a whole number from `least` to `most`.
[[nodiscard]] busrt::base::Result<std::uint64_t> whole_number(std::string_view field,
                                                              const boost::json::value& value,
                                                              std::uint64_t least, std::uint64_t most);

/// Returns true or false.
[[nodiscard]] busrt::base::Result<bool> true_or_false(std::string_view field,
                                                      const boost::json::value& value);

}  // namespace daemoneye::collector
