// What the kernel reports about tasks, in a form that no longer depends on how it reported it.
#pragma once

#include <array>
#include <cstdint>

#include "host_names.hpp"

namespace procmond {

struct KernelEvent {
  enum class Kind : std::uint8_t { fork, exec, exit, uid, gid, comm };

  Kind kind{};
  Pid pid = 0;                     ///< the task; a thread of a process when it differs from tgid
  Pid tgid = 0;                    ///< the process
  Pid parent = 0;                  ///< fork and exit: the parent process; 0 where the kernel does not say
  std::uint64_t timestamp_ns = 0;  ///< CLOCK_MONOTONIC
  std::uint32_t status = 0;        ///< exit: wait status
  IdPair ids{};                    ///< uid, gid: the new ones
  std::array<char, 16> comm{};     ///< comm: NUL-terminated unless it fills the array

  [[nodiscard]] bool of_thread() const noexcept { return pid != tgid; }
};

}  // namespace procmond
