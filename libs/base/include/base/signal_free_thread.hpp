// Threads of a library inside a program that is not its own.
#pragma once

#include <functional>
#include <thread>

namespace base {

/// Starts a thread that takes none of the program's signals: those are for the program's own threads. Throws
/// std::system_error when the system has no thread.
[[nodiscard]] std::thread start_signal_free_thread(std::move_only_function<void()> run);

}  // namespace base
