// What the operating system knows of a process, and where a process may run.
#pragma once

#include <cstddef>

namespace bench {

/// User and system CPU seconds that a process has used so far, all the threads that it has now.
[[nodiscard]] double cpu_seconds(int pid);
/// Resident memory of a process that is its own (no file behind it), in bytes.
[[nodiscard]] double resident_bytes(int pid);
/// Keeps the calling process (and what it starts) on one CPU, or gives it all of them back with -1.
void pin_to(int cpu);
/// Makes room for this many open files in this process and in what it starts, as far as the system lets it;
/// returns the limit that holds.
std::size_t raise_open_files(std::size_t wanted);

}  // namespace bench
