#include "daemoneye/host/host.hpp"

namespace daemoneye::host {

Process to_process(Pid pid, const Reading& reading) {
  Process process;
  process.pid = pid;
  process.start = StartTime{reading.start_ticks, false};
  process.parent = reading.parent;
  process.uid = reading.uid;
  process.gid = reading.gid;
  process.comm = reading.comm;
  process.cgroup = reading.cgroup;
  process.image = reading.image;
  process.kernel_thread = reading.kernel_thread;
  process.image_mark = reading.image_mark;
  process.threads = reading.threads;
  return process;
}

}  // namespace daemoneye::host
