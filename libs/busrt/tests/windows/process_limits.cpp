#include "process_limits.hpp"

#include <windows.h>
//
#include <psapi.h>

namespace busrt {

void allow_many_connections() {
  // Memory is the limit.
}

std::size_t resident_bytes() {
  PROCESS_MEMORY_COUNTERS counters{};
  ::GetProcessMemoryInfo(::GetCurrentProcess(), &counters, sizeof counters);
  return counters.WorkingSetSize;
}

}  // namespace busrt
