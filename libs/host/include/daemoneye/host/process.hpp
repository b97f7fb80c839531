// What is known of one process, and how it is identified.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace daemoneye::host {

using Pid = std::int32_t;

/// What runs in a process: set by exec, shared with the children that it forks. Text is UTF-8 already,
/// arguments are masked. A field that could not be read is empty.
struct Image {
  std::optional<std::string> exe;
  std::optional<std::vector<std::string>> args;
  bool args_truncated = false;
};

/// Real and effective id of a user or a group.
struct IdPair {
  std::uint32_t real = 0;
  std::uint32_t effective = 0;
  friend bool operator==(const IdPair&, const IdPair&) = default;
};

/// When a process started: the third part of its identity, beside the boot and the pid.
struct StartTime {
  std::uint64_t ticks = 0;  ///< clock ticks since boot, as in /proc/PID/stat
  /// Computed from the kernel's report of the fork, because the process was gone before it could be read;
  /// then one tick late at most.
  bool estimated = false;

  /// Whether a process read with this start time can be the same.
  [[nodiscard]] bool matches(std::uint64_t read_ticks) const noexcept {
    return ticks == read_ticks || (estimated && ticks == read_ticks + 1);
  }
};

struct Process {
  Pid pid = 0;
  std::optional<StartTime> start;
  std::optional<Pid> parent;
  std::optional<IdPair> uid;
  std::optional<IdPair> gid;
  std::optional<std::string> comm;
  std::optional<std::string> cgroup;
  std::shared_ptr<const Image> image;  ///< empty when nothing is known of it
  bool kernel_thread = false;

  /// Tells two images of one process apart for whoever may read it; 0 means may not. See ProcStat.
  std::uint64_t image_mark = 0;
  /// CLOCK_MONOTONIC ns when a scan last read it: what the kernel reported before is part of this picture.
  std::uint64_t scanned_ns = 0;
  /// CLOCK_MONOTONIC ns of the fork when the kernel reported it, else 0.
  std::uint64_t forked_ns = 0;
  std::uint64_t scan = 0;  ///< number of the scan that last saw it
  std::uint32_t threads = 1;
  /// Wait status of the first thread when that has ended while others run on.
  std::optional<std::uint32_t> leader_status;
  /// Wait status of another thread, when that was not 0: exit() in any thread ends all, and a first thread
  /// that was ending by itself at that moment reports 0. A thread that just ends has 0.
  std::uint32_t thread_status = 0;
};

}  // namespace daemoneye::host
