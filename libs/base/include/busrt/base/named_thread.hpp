// Starts the threads of a library or a service inside another program.
#pragma once

#include <functional>
#include <string>
#include <thread>

namespace busrt::base {

/// Starts a thread that blocks all signals and shows `name` to debuggers, cut to the system's limit. Errors:
/// throws std::system_error if the system cannot start a thread.
[[nodiscard]] std::thread start_named_thread(const std::string& name, std::move_only_function<void()> run);

}  // namespace busrt::base
