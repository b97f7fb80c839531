// Threads of the broker inside a program that is not the broker's.
#pragma once

#include <functional>
#include <string>
#include <thread>

namespace busrt::broker {

/// Starts a thread that takes none of the host program's signals and shows `name` to debuggers, cut to what
/// the system allows.
[[nodiscard]] std::thread start_shard_thread(const std::string& name, std::function<void()> run);

}  // namespace busrt::broker
