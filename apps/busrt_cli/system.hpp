// What the tool asks of the operating system; one folder each.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "busrt/base/result.hpp"

namespace busrt_cli {

/// First thing in main(): bytes go through both standard streams as they are, a console shows colours, what
/// is opened later never takes the place of a stream that is closed, and the signal state of the parent is
/// reset (base/inherited_signals.hpp).
void set_up_process();

[[nodiscard]] bool output_is_terminal();
[[nodiscard]] bool error_is_terminal();
[[nodiscard]] bool input_is_terminal();
/// The width of the terminal that standard output is; nothing for anything else.
[[nodiscard]] std::optional<std::size_t> output_columns();
/// See busrt::base::output_closed() and busrt::base::exit_when_output_closes().
[[nodiscard]] bool output_closed();
void exit_when_output_closes(int code);

/// From standard input; 0 at its end.
[[nodiscard]] busrt::base::Result<std::size_t> read_input(std::span<std::byte> room);

/// What to do when no broker answers at the socket, or the pipe, of this name.
[[nodiscard]] std::string socket_advice(const std::filesystem::path& path);

/// HOST.PID, which no other process of the network has now.
[[nodiscard]] std::string process_identity();

}  // namespace busrt_cli
