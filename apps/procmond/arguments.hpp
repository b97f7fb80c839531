// From the raw arguments of a process to those that an event carries.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host_names.hpp"

namespace procmond {

/// UTF-8, masked, within limits::args_count and limits::args_bytes. Masks first, cuts then: a secret's end
/// must not be cut off before it is recognised.
[[nodiscard]] ShownArguments present_arguments(std::string_view program, std::vector<std::string> raw,
                                               bool already_truncated);

}  // namespace procmond
