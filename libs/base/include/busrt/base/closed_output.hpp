// A command whose output nobody can read any more has nothing left to wait for.
#pragma once

namespace busrt::base {

/// Whether the reader of this pipe, terminal or socket has gone. False where that cannot be known: for files,
/// and on Windows.
[[nodiscard]] bool output_closed(int descriptor) noexcept;

/// From now on the process ends with `code`, without a word, when output_closed(). Waits on a thread of its
/// own, which takes no signals; where there is none, the next write shows it.
void exit_when_output_closes(int descriptor, int code);

}  // namespace busrt::base
