// The error code of the event model.
#pragma once

#include <system_error>

namespace daemoneye::events {

enum class errc {
  malformed = 1,  ///< an event, a loss record or a time that is not well formed
};

[[nodiscard]] const std::error_category& error_category() noexcept;
[[nodiscard]] std::error_code make_error_code(errc code) noexcept;

}  // namespace daemoneye::events

template <>
struct std::is_error_code_enum<daemoneye::events::errc> : std::true_type {};
