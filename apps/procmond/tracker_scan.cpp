// Looks at everything: the snapshot at the start, the rescan after a loss, the periodic scan.
#include <algorithm>
#include <utility>

#include "daemoneye/events/process_fields.hpp"
#include "tracker.hpp"

namespace procmond {
namespace {

namespace field = daemoneye::events::process;

/// Whether another program runs in the process than the table says. The mark is certain, where we may see it.
/// Otherwise a new name together with new arguments counts; one of them alone is how programs set a title.
bool has_new_image(const Process& process, const Reading& reading) {
  if (process.kernel_thread != reading.kernel_thread) return true;
  if (process.image_mark != 0 && reading.image_mark != 0) return process.image_mark != reading.image_mark;
  const Image* before = process.image.get();
  const Image* now = reading.image.get();
  if (before == nullptr || now == nullptr) return false;
  if (before->exe && now->exe && before->exe != now->exe) return true;
  const bool other_args = before->args && now->args && before->args != now->args;
  return other_args && process.comm && *process.comm != reading.comm;
}

}  // namespace

busrt::base::Result<> Tracker::scan_present(ObservedBy by) {
  const std::uint64_t began = host_.monotonic_ns();
  auto pids = host_.list();
  if (!pids) return std::unexpected(pids.error());
  ++scan_;
  scan_began_ns_ = began;
  reused_.clear();
  for (const Pid pid : *pids) look_at(pid, by);
  statistics_.processes.set(table_.size());
  return {};
}

void Tracker::look_at(Pid pid, ObservedBy by) {
  const std::uint64_t now = host_.monotonic_ns();
  const std::optional<Reading> reading = host_.read(pid, Wanted{});
  if (!reading) return;
  Process* known = table_.find(pid);
  if (known != nullptr && known->start && !known->start->matches(reading->start_ticks)) {
    // The exit of the one and the fork of the other may be in the socket still: scan_absent() looks again.
    reused_.push_back(pid);
    return;
  }
  if (known != nullptr && !known->start) known->start = StartTime{reading->start_ticks, false};
  if (reading->dying) {
    if (known == nullptr) return;
    if (reading->exited) {
      // Its exit is in the socket, or was lost: scan_absent() ends it in that case.
      if (!known->leader_status) known->leader_status = reading->wait_status;
      return;
    }
    known->scan = scan_;
    linger(pid);
    return;
  }
  if (known != nullptr) return compare(*known, *reading, by, now);
  if (!table_.ended_lately(pid, reading->start_ticks)) take_in(pid, *reading, by, now);
}

void Tracker::take_in(Pid pid, const Reading& reading, ObservedBy by, std::uint64_t now) {
  Process process = daemoneye::host::to_process(pid, reading);
  process.scanned_ns = now;
  process.scan = scan_;
  const Process& known = table_.insert(std::move(process));
  emit(by == ObservedBy::snapshot ? field::kind::snapshot : field::kind::created, describe(known, by), now);
}

void Tracker::compare(Process& process, const Reading& reading, ObservedBy by, std::uint64_t now) {
  process.scan = scan_;
  process.scanned_ns = now;
  process.parent = reading.parent;
  process.threads = reading.threads;
  if (reading.cgroup) process.cgroup = reading.cgroup;
  const bool exec = has_new_image(process, reading);
  const std::shared_ptr<const Image> before = process.image;
  process.comm = reading.comm;
  process.kernel_thread = reading.kernel_thread;
  if (reading.image) process.image = reading.image;
  if (reading.image_mark != 0) process.image_mark = reading.image_mark;
  const std::optional<IdPair> uid = reading.uid ? std::exchange(process.uid, reading.uid) : process.uid;
  const std::optional<IdPair> gid = reading.gid ? std::exchange(process.gid, reading.gid) : process.gid;
  if (exec) {
    EventData data = describe(process, by);
    data.add_previous(before.get());
    emit(field::kind::exec, std::move(data), now);
  }
  for (const bool is_uid : {true, false}) {
    const std::optional<IdPair>& old = is_uid ? uid : gid;
    const std::optional<IdPair>& current = is_uid ? process.uid : process.gid;
    if (!old || !current || *old == *current) continue;
    EventData data = describe(process, by);
    data.add_change(is_uid ? field::uid.name : field::gid.name, old, *current);
    emit(field::kind::change, std::move(data), now);
  }
}

void Tracker::scan_absent(ObservedBy by) {
  const std::uint64_t now = host_.monotonic_ns();
  const auto absent = table_.pids_where([this](const Process& process) { return process.scan != scan_; });
  for (const Pid pid : absent) {
    const Process* process = table_.find(pid);
    // Forked after the scan had begun: its events come by themselves.
    if (process->forked_ns > scan_began_ns_) continue;
    end(pid, process->leader_status, by, now);
  }
  for (const Pid pid : std::exchange(reused_, {})) {
    if (table_.find(pid) == nullptr) look_at(pid, by);
  }
  count_unreadable();
  statistics_.processes.set(table_.size());
}

void Tracker::count_unreadable() {
  const auto unreadable = table_.pids_where([](const Process& process) {
    return !process.kernel_thread && (!process.image || !process.image->exe);
  });
  statistics_.unreadable_exe.set(unreadable.size());
  statistics_.unreadable_init.set(!unreadable.empty() && unreadable.front() == 1 ? 1 : 0);
}

void Tracker::linger(Pid pid) {
  if (std::ranges::find(lingering_, pid) == lingering_.end()) lingering_.push_back(pid);
}

void Tracker::check_lingering() {
  const std::vector<Pid> pids = std::exchange(lingering_, {});
  const std::uint64_t now = host_.monotonic_ns();
  for (const Pid pid : pids) {
    const Process* process = table_.find(pid);
    if (process == nullptr) continue;
    const auto reading = host_.read(pid, Wanted{false, false, false});
    const bool same = reading && process->start && process->start->ticks == reading->start_ticks;
    if (!same || reading->exited) {
      end(pid,
          process->leader_status ? process->leader_status
          : same                 ? reading->wait_status
                                 : std::nullopt,
          ObservedBy::connector, now);
    } else if (reading->dying || process->leader_status) {
      linger(pid);
    }
  }
  statistics_.processes.set(table_.size());
}

}  // namespace procmond
