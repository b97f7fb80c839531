// Ends a command when the reader of its output is gone.
#pragma once

namespace busrt::base {

/// Returns true if the reader of this pipe, terminal or socket is gone. Returns false if that cannot be
/// determined: for files, and on Windows. Thread safety: any thread.
[[nodiscard]] bool output_closed(int descriptor) noexcept;

/// Ends the process with `code`, without output, as soon as output_closed() becomes true. A separate thread,
/// which takes no signals, waits for that. If the thread cannot be started, the program finds out at its next
/// write. Does nothing on Windows.
void exit_when_output_closes(int descriptor, int code);

}  // namespace busrt::base
