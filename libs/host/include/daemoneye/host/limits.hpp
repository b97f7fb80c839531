// Every limit of libs/host: its unit, and why it has this value. All are fixed.
#pragma once

#include <chrono>
#include <cstddef>

namespace daemoneye::host::limits {

using namespace std::chrono_literals;

/// Bytes of a command line that are read. What lies beyond is never looked at, and the reading says so.
inline constexpr std::size_t args_read_bytes = 32U << 10;
/// Bytes of one small file of /proc (stat, status, cgroup). The largest of them, status, has about 1.5 KiB.
inline constexpr std::size_t proc_file_bytes = 16U << 10;
/// Bytes of a path: PATH_MAX of Linux, and room for its " (deleted)".
inline constexpr std::size_t path_bytes = 4096 + 16;

/// Time slice of a watching thread that may not have real time: the least that Linux takes.
inline constexpr std::chrono::nanoseconds watcher_slice = 100us;

/// Processes that ended lately, remembered so that a scan does not take a body for a new process.
inline constexpr std::size_t remembered_exits = 4096;

}  // namespace daemoneye::host::limits
