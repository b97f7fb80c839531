// What a log asks of the operating system; one folder each.
#pragma once

namespace busrt::base {

/// Whether standard error is a terminal that shows colours: NO_COLOR is not set.
[[nodiscard]] bool standard_error_shows_colours();

}  // namespace busrt::base
