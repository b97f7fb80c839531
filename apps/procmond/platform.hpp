// What an operating system brings to procmond. Implemented once per folder of an operating system.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "host.hpp"
#include "kernel_feed.hpp"

namespace procmond {

struct Platform {
  std::function<base::Result<std::unique_ptr<Host>>()> open_host;
  /// Reporting has begun when this returns. Errors say why it is not to be had.
  std::function<base::Result<std::unique_ptr<KernelFeed>>(std::size_t receive_buffer_bytes)> open_feed;
  /// Called on the watching thread as it begins: a process may be gone within a millisecond, so this thread
  /// goes before others where it may. It sleeps most of the time.
  std::function<void()> favour_this_thread = [] {};
};

[[nodiscard]] Platform native_platform();

}  // namespace procmond
