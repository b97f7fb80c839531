// The C library of Debian 12 has no wrapper for sched_setattr(2), nor its structure.
#include "daemoneye/host/scheduling.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "daemoneye/host/limits.hpp"

namespace daemoneye::host {
namespace {

struct SchedulingAttributes {
  std::uint32_t size = sizeof(SchedulingAttributes);
  std::uint32_t policy = SCHED_OTHER;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0;  ///< of SCHED_OTHER: the slice in ns
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};

}  // namespace

std::string_view to_string(Scheduling scheduling) noexcept {
  switch (scheduling) {
    case Scheduling::ordinary:
      return "ordinary";
    case Scheduling::short_slice:
      return "short_slice";
    case Scheduling::realtime:
      return "realtime";
  }
  return "unknown";
}

Scheduling favour_this_thread() {
  sched_param lowest{};
  lowest.sched_priority = ::sched_get_priority_min(SCHED_FIFO);
  // For a system call the calling thread is 0.
  if (::syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &lowest) == 0) return Scheduling::realtime;
  SchedulingAttributes attributes;
  attributes.nice = ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()));
  attributes.runtime = static_cast<std::uint64_t>(limits::watcher_slice.count());
  if (::syscall(SYS_sched_setattr, 0, &attributes, 0) != 0) return Scheduling::ordinary;
  // Older kernels accept the slice and ignore it.
  SchedulingAttributes taken;
  ::syscall(SYS_sched_getattr, 0, &taken, sizeof taken, 0);
  return taken.runtime == attributes.runtime ? Scheduling::short_slice : Scheduling::ordinary;
}

}  // namespace daemoneye::host
