// The operating system as a collector's logic needs it: processes that can be read, and its clocks.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/base/result.hpp"
#include "daemoneye/host/process.hpp"

namespace daemoneye::host {

/// What one look at a process is to bring. The order in which they are read is the order in which they
/// vanish.
struct Wanted {
  bool image = true;  ///< executable and arguments: gone as soon as the process has ended
  bool ids = true;    ///< uid and gid
  bool cgroup = true;
};

/// One process as read at one moment. Fields that were not wanted or could not be read are empty.
struct Reading {
  bool dying = false;   ///< ended, or ending, with no other thread left
  bool exited = false;  ///< ended and not yet reaped
  std::uint64_t start_ticks = 0;
  Pid parent = 0;
  std::uint32_t threads = 1;
  bool kernel_thread = false;
  std::uint64_t image_mark = 0;
  std::string comm;
  std::optional<std::uint32_t> wait_status;  ///< of one that has exited, where we may know
  std::optional<IdPair> uid;
  std::optional<IdPair> gid;
  std::optional<std::string> cgroup;
  std::shared_ptr<const Image> image;
};

/// The process as far as the reading tells; what only a table of processes knows is left empty.
[[nodiscard]] Process to_process(Pid pid, const Reading& reading);

/// What an event carries of a process's arguments.
struct ShownArguments {
  std::vector<std::string> args;  ///< UTF-8
  bool truncated = false;
};

/// Makes the arguments that are kept out of the raw ones. `truncated` says that the command line went on.
using ShowArguments =
    std::function<ShownArguments(std::string_view program, std::vector<std::string> raw, bool truncated)>;

/// Used by one thread at a time.
class Host {
 public:
  virtual ~Host() = default;

  /// Every process there is; the pids of threads are not listed.
  virtual busrt::base::Result<std::vector<Pid>> list() = 0;
  /// Empty when there is no such process, or none that we may see.
  virtual std::optional<Reading> read(Pid pid, const Wanted& wanted) = 0;

  [[nodiscard]] virtual const std::string& boot_id() const = 0;
  [[nodiscard]] virtual std::uint64_t ticks_per_second() const = 0;
  [[nodiscard]] virtual std::uint64_t monotonic_ns() const = 0;
  /// Wall-clock time of a moment of CLOCK_MONOTONIC, by today's difference between the two.
  [[nodiscard]] virtual std::chrono::system_clock::time_point wall_time(std::uint64_t monotonic_ns) const = 0;
  /// Clock ticks since boot (time asleep included) of a moment of CLOCK_MONOTONIC, and back.
  [[nodiscard]] virtual std::uint64_t to_ticks(std::uint64_t monotonic_ns) const = 0;
  [[nodiscard]] virtual std::uint64_t to_monotonic_ns(std::uint64_t ticks) const = 0;
  /// The same text for the same ticks throughout one run of the program.
  [[nodiscard]] virtual std::string start_text(std::uint64_t ticks) const = 0;
};

}  // namespace daemoneye::host
