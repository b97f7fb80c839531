// The coroutine that is a program.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace busrt::base {

/// Runs `context` until it has no more work, the task included.
/// Returns the task's value, an exit code. Rethrows at once what the task, or any other handler, throws.
[[nodiscard]] int run_main_task(boost::asio::io_context& context, boost::asio::awaitable<int> task);

}  // namespace busrt::base
