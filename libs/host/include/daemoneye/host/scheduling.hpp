// Where the watching thread stands among the threads of the machine.
#pragma once

#include <cstdint>
#include <string_view>

namespace daemoneye::host {

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

/// Real time with the lowest priority where permitted (CAP_SYS_NICE), else a short time slice (Linux 6.12
/// on). Affects the calling thread only. The kernel keeps real-time threads from starving a processor (by
/// default they leave 5 % of it).
Scheduling favour_this_thread();

}  // namespace daemoneye::host
