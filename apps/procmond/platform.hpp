// What an operating system brings to procmond. Implemented once per folder of an operating system.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "host.hpp"
#include "kernel_feed.hpp"

namespace procmond {

/// How soon the watching thread runs after the kernel has reported something. A process may be gone within a
/// millisecond, and on a busy machine an ordinary thread waits for longer than that. Measured with 5,000
/// times /bin/true, 16 at once, on two busy processors, /proc was read too late for three of five execs
/// (ordinary), one in five (short_slice), none (realtime), and the storm took the same time.
enum class Scheduling : std::uint8_t {
  ordinary,
  short_slice,  ///< asks for little time at once, and so gets it soon
  realtime,     ///< before every ordinary thread
};
[[nodiscard]] std::string_view to_string(Scheduling scheduling) noexcept;

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
