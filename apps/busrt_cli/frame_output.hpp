// Incoming frames as both listeners print them.
#pragma once

#include <string_view>

#include "busrt/frame.hpp"
#include "payload.hpp"
#include "terminal.hpp"

namespace busrt_cli {

/// How a listener shows payloads.
[[nodiscard]] PayloadForm listed(const Journal& journal);

void print_frame(const busrt::Frame& frame, const Journal& journal);

/// The line that names the sender; `what` comes first, in yellow.
void print_sender(std::string_view what, const busrt::Frame& frame);

/// The dashes between one frame and the next.
void print_separator();

}  // namespace busrt_cli
