// What an operating system brings to procmond. Implemented once per folder of an operating system.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "host_names.hpp"
#include "kernel_feed.hpp"

namespace procmond {

struct Platform {
  std::function<busrt::base::Result<std::unique_ptr<Host>>()> open_host;
  /// Reporting has begun when this returns. Errors say why it is not to be had.
  std::function<busrt::base::Result<std::unique_ptr<KernelFeed>>(std::size_t receive_buffer_bytes)> open_feed;
  /// Called on the watching thread as it begins, when there is a feed: puts it before other threads as far as
  /// it may.
  std::function<Scheduling()> favour_this_thread = [] { return Scheduling::ordinary; };
};

[[nodiscard]] Platform native_platform();

}  // namespace procmond
