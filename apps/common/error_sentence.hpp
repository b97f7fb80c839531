// An error as one sentence for people.
#pragma once

#include <string>

#include "busrt/error.hpp"

namespace program {

/// Returns the error's message, and after it the words of the error's code if they add something. The bus's
/// own codes add nothing to a message of the bus. Some messages have the words of the system's code already.
[[nodiscard]] inline std::string sentence(const busrt::base::Error& error) {
  const bool complete = !error.message.empty() && (error.code.category() == busrt::error_category() ||
                                                   error.message.contains(error.code.message()));
  return complete ? error.message : error.describe();
}

}  // namespace program
