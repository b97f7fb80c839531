// The formats of /proc/PID/{stat,status,cgroup,cmdline}: bytes in, values out. No I/O, no failure but "not
// that".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemoneye/host/process.hpp"

namespace daemoneye::host {

/// Fields of /proc/PID/stat. See proc_pid_stat(5).
struct ProcStat {
  Pid pid = 0;
  std::string_view comm;  ///< raw bytes, a view into the text; may hold blanks and parentheses
  char state = '?';
  Pid parent = 0;
  std::uint64_t flags = 0;  ///< PF_* of the kernel
  std::uint32_t threads = 0;
  std::uint64_t start_ticks = 0;
  /// Mixed from the addresses of code and stack, which change with every exec; 0 when the kernel hides them.
  std::uint64_t image_mark = 0;
  std::uint32_t wait_status = 0;  ///< 0 also when the kernel hides it

  static constexpr std::uint64_t flag_exiting = 0x4;
  static constexpr std::uint64_t flag_kernel_thread = 0x200000;
};

/// Empty when the text is cut before the start time, or is not of this format.
[[nodiscard]] std::optional<ProcStat> parse_stat(std::string_view text);

struct ProcStatus {
  IdPair uid;
  IdPair gid;
};

/// The Uid and Gid lines of /proc/PID/status. Empty when one is missing or malformed.
[[nodiscard]] std::optional<ProcStatus> parse_status(std::string_view text);

/// The one path that says most of the lines of /proc/PID/cgroup: that of version 2 unless it is the root,
/// else the first that is not the root (systemd's own hierarchy before the others), else "/". A view into the
/// text; empty when no line is well-formed.
[[nodiscard]] std::optional<std::string_view> parse_cgroup(std::string_view text);

struct CommandLine {
  std::vector<std::string> args;  ///< raw bytes
  bool truncated = false;
};

/// The arguments of /proc/PID/cmdline. `cut` says that the file went on: the last argument is then incomplete
/// and left out, because rules of masking may need its end. Two or more empty arguments at the end are the
/// padding of a program that has rewritten its title, and are dropped.
[[nodiscard]] CommandLine parse_cmdline(std::string_view bytes, bool cut);

}  // namespace daemoneye::host
