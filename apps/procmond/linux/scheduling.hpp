// Where the watching thread stands among the threads of the machine.
#pragma once

#include "../platform.hpp"

namespace procmond::linux_os {

/// Real time with the lowest priority where permitted (CAP_SYS_NICE), else a short time slice (Linux 6.12
/// on). Affects the calling thread only. The kernel keeps real-time threads from starving a processor (by
/// default they leave 5 % of it).
Scheduling favour_this_thread();

}  // namespace procmond::linux_os
