// Threads of a library or a service inside a program that has other business.
#pragma once

#include <functional>
#include <string>
#include <thread>

namespace busrt::base {

/// Starts a thread that takes none of the program's signals and shows `name` to debuggers, cut to what the
/// system allows. Throws std::system_error where the system has no thread left.
[[nodiscard]] std::thread start_named_thread(const std::string& name, std::move_only_function<void()> run);

}  // namespace busrt::base
