// An error as one sentence for people.
#pragma once

#include <string>

#include "busrt/error.hpp"

namespace daemoneye_agent {

/// The error's message, with the code's own words where they add something: the bus's sentences say all, and
/// some messages have the system's words already.
[[nodiscard]] inline std::string sentence(const busrt::base::Error& error) {
  const bool complete = !error.message.empty() && (error.code.category() == busrt::error_category() ||
                                                   error.message.contains(error.code.message()));
  return complete ? error.message : error.describe();
}

}  // namespace daemoneye_agent
