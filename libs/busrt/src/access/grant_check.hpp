// Mistakes in patterns and masks of a rules file that the bus would take in silence, as something other than
// meant.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace busrt::access {

/// What is wrong with a topic pattern as a grant, as a sentence; nothing where it is fine. Besides what no
/// subscription may hold: a wildcard of the other notation (`a/*` would mean a segment of that name), and
/// anything after a rest wildcard, which would be ignored.
[[nodiscard]] std::optional<std::string> pattern_mistake(std::string_view pattern);

/// The same for a client mask; a name with %% in it is a mistake as well, since secondaries go by their
/// primary.
[[nodiscard]] std::optional<std::string> mask_mistake(std::string_view mask);

}  // namespace busrt::access
