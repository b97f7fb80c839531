// Kernel events. What a process is called with, and as whom it runs, is inherited at fork and read again at
// exec.
//
// A scan reads the state of now, while events that led to it may still wait in the socket. Each process
// remembers when it was scanned, and events from before that moment are part of what was seen already.
#include "tracker.hpp"

#include <algorithm>
#include <utility>

#include "busrt/base/utf8.hpp"
#include "daemoneye/events/process_fields.hpp"

namespace procmond {
namespace {

namespace field = daemoneye::events::process;

bool is_older_than_scan(const KernelEvent& event, const Process& process) {
  return event.timestamp_ns <= process.scanned_ns;
}

}  // namespace

Tracker::Tracker(Host& host, daemoneye::collector::EventSink& sink, Statistics& statistics)
    : host_(host), sink_(sink), statistics_(statistics) {}

void Tracker::on_event(const KernelEvent& event, const EventQueue& ahead) {
  switch (event.kind) {
    case KernelEvent::Kind::fork:
      on_fork(event);
      break;
    case KernelEvent::Kind::exec:
      on_exec(event, ahead);
      break;
    case KernelEvent::Kind::exit:
      on_exit(event);
      break;
    case KernelEvent::Kind::uid:
    case KernelEvent::Kind::gid:
      on_ids(event);
      break;
    case KernelEvent::Kind::comm:
      on_comm(event);
      break;
  }
  statistics_.processes.set(table_.size());
}

Process* Tracker::subject_of(const KernelEvent& event) {
  Process* process = table_.find(event.tgid);
  if (process == nullptr || !process->start) return process;
  const std::uint64_t began =
      process->forked_ns != 0 ? process->forked_ns : host_.to_monotonic_ns(process->start->ticks);
  return event.timestamp_ns < began ? nullptr : process;
}

std::optional<Reading> Tracker::read_for(const KernelEvent& event, const Process* known,
                                         const Wanted& wanted) {
  std::optional<Reading> reading = host_.read(event.tgid, wanted);
  if (!reading) return std::nullopt;
  if (known != nullptr && known->start && !known->start->matches(reading->start_ticks)) return std::nullopt;
  if (reading->start_ticks > host_.to_ticks(event.timestamp_ns)) return std::nullopt;
  return reading;
}

Process Tracker::start_child(const KernelEvent& event, const Process* parent) {
  const bool inherits = parent != nullptr && parent->uid && parent->gid && parent->comm && parent->cgroup;
  const Wanted all;
  const Wanted only_start{false, false, false};
  const std::optional<Reading> reading = read_for(event, nullptr, inherits ? only_start : all);

  Process child;
  child.pid = event.pid;
  child.parent = event.parent;
  child.forked_ns = event.timestamp_ns;
  child.start =
      reading ? StartTime{reading->start_ticks, false} : StartTime{host_.to_ticks(event.timestamp_ns), true};
  if (parent != nullptr) {
    child.uid = parent->uid;
    child.gid = parent->gid;
    child.comm = parent->comm;
    child.cgroup = parent->cgroup;
    child.image = parent->image;
    child.image_mark = parent->image_mark;
    child.kernel_thread = parent->kernel_thread;
  }
  if (!reading) return child;
  child.kernel_thread = reading->kernel_thread;
  // The kernel names its threads after it has forked them.
  if (!child.comm || child.kernel_thread) child.comm = reading->comm;
  if (!child.uid) child.uid = reading->uid;
  if (!child.gid) child.gid = reading->gid;
  if (!child.cgroup) child.cgroup = reading->cgroup;
  if (!child.image) {
    child.image = reading->image;
    child.image_mark = reading->image_mark;
  }
  return child;
}

void Tracker::on_fork(const KernelEvent& event) {
  if (event.of_thread()) {
    statistics_.thread_forks.add();
    Process* process = subject_of(event);
    if (process != nullptr && !is_older_than_scan(event, *process)) ++process->threads;
    return;
  }
  Process child = start_child(event, table_.find(event.parent));
  if (Process* known = table_.find(event.pid)) {
    const bool same = known->start && (known->start->matches(child.start->ticks) ||
                                       child.start->matches(known->start->ticks));
    if (same || (known->start && known->start->ticks > child.start->ticks)) {
      // A scan found it before its fork came out of the socket.
      known->forked_ns = same ? event.timestamp_ns : known->forked_ns;
      statistics_.already_known.add();
      return;
    }
    end(event.pid, std::nullopt, ObservedBy::pid_reuse, event.timestamp_ns);
  }
  const Process& process = table_.insert(std::move(child));
  emit(field::kind::created, describe(process, ObservedBy::connector), event.timestamp_ns);
}

void Tracker::on_exec(const KernelEvent& event, const EventQueue& ahead) {
  Process* process = subject_of(event);
  if (process != nullptr && is_older_than_scan(event, *process)) {
    statistics_.already_known.add();
    return;
  }
  // With a later exec waiting, /proc shows that one's image; with the exit waiting, it shows none.
  const bool superseded = ahead.holds_exec(event.tgid);
  Wanted wanted;
  wanted.image = !superseded && !ahead.holds_exit(event.tgid);
  wanted.ids = process == nullptr || !process->uid || !process->gid;
  const std::optional<Reading> reading = read_for(event, process, wanted);
  if (process == nullptr) {
    Process found;
    found.pid = event.tgid;
    found.scan = scan_;
    if (reading) found.start = StartTime{reading->start_ticks, false};
    process = &table_.insert(std::move(found));
  }
  const std::shared_ptr<const Image> before = std::exchange(process->image, nullptr);
  process->threads = 1;
  process->leader_status.reset();
  process->thread_status = 0;
  process->kernel_thread = false;
  process->comm.reset();
  process->image_mark = 0;
  if (reading) {
    process->parent = reading->parent;
    if (reading->uid) process->uid = reading->uid;
    if (reading->gid) process->gid = reading->gid;
    if (reading->cgroup && !reading->dying) process->cgroup = reading->cgroup;
    if (!superseded) {
      process->comm = reading->comm;
      process->image = reading->image;
      process->image_mark = reading->image_mark;
    }
  }
  EventData data = describe(*process, ObservedBy::connector);
  data.add_previous(before.get());
  emit(field::kind::exec, std::move(data), event.timestamp_ns);
}

void Tracker::on_exit(const KernelEvent& event) {
  if (event.of_thread()) return on_thread_exit(event);
  Process* process = subject_of(event);
  if (process == nullptr) return exit_of_unknown(event);
  if (event.parent != 0) process->parent = event.parent;
  if (process->threads > 1) {
    // Other threads run on; or one of them is about to exec, and takes over this pid.
    --process->threads;
    process->leader_status = event.status;
    linger(event.tgid);
    return;
  }
  end(event.tgid, event.status, ObservedBy::connector, event.timestamp_ns);
}

void Tracker::on_thread_exit(const KernelEvent& event) {
  statistics_.thread_exits.add();
  Process* process = subject_of(event);
  if (process == nullptr || is_older_than_scan(event, *process) || process->threads == 0) return;
  --process->threads;
  if (event.status != 0) process->thread_status = event.status;
  if (process->leader_status && process->threads == 0) {
    end(event.tgid, process->leader_status, ObservedBy::connector, event.timestamp_ns);
    return;
  }
  process->threads = std::max(process->threads, 1U);
}

void Tracker::exit_of_unknown(const KernelEvent& event) {
  Process process;
  process.pid = event.tgid;
  if (event.parent != 0) process.parent = event.parent;
  if (const auto reading = read_for(event, nullptr, Wanted{})) {
    if (table_.ended_lately(event.tgid, reading->start_ticks)) {
      statistics_.already_known.add();
      return;
    }
    process.start = StartTime{reading->start_ticks, false};
    if (!process.parent) process.parent = reading->parent;
    process.comm = reading->comm;
    process.uid = reading->uid;
    process.gid = reading->gid;
    process.kernel_thread = reading->kernel_thread;
    table_.remember_end(event.tgid, reading->start_ticks);
  }
  EventData data = describe(process, ObservedBy::connector);
  data.add_exit(event.status, std::nullopt);
  emit(field::kind::exit, std::move(data), event.timestamp_ns);
}

void Tracker::on_ids(const KernelEvent& event) {
  if (event.of_thread()) return;
  Process* process = subject_of(event);
  const bool is_uid = event.kind == KernelEvent::Kind::uid;
  if (process == nullptr) {
    const auto reading = read_for(event, nullptr, Wanted{});
    if (!reading || reading->dying || table_.ended_lately(event.tgid, reading->start_ticks)) return;
    take_in(event.tgid, *reading, ObservedBy::rescan, event.timestamp_ns);
    return;
  }
  std::optional<IdPair>& ids = is_uid ? process->uid : process->gid;
  // The saved id alone may have changed, which the event does not carry.
  if (is_older_than_scan(event, *process) || ids == event.ids) {
    statistics_.already_known.add();
    return;
  }
  const std::optional<IdPair> before = std::exchange(ids, event.ids);
  EventData data = describe(*process, ObservedBy::connector);
  data.add_change(is_uid ? field::uid.name : field::gid.name, before, event.ids);
  emit(field::kind::change, std::move(data), event.timestamp_ns);
}

void Tracker::on_comm(const KernelEvent& event) {
  statistics_.comms.add();
  if (event.of_thread()) return;
  Process* process = subject_of(event);
  if (process == nullptr || is_older_than_scan(event, *process)) return;
  const auto end = std::ranges::find(event.comm, '\0');
  process->comm = busrt::base::escape_invalid_utf8(
      {event.comm.data(), static_cast<std::size_t>(end - event.comm.begin())});
}

void Tracker::end(Pid pid, std::optional<std::uint32_t> status, ObservedBy by, std::uint64_t when) {
  const Process process = table_.remove(pid);
  if (status == 0U) status = process.thread_status;
  EventData data = describe(process, by);
  std::optional<std::uint64_t> duration;
  if (process.start && by != ObservedBy::pid_reuse) {
    const std::uint64_t began =
        process.forked_ns != 0 ? process.forked_ns : host_.to_monotonic_ns(process.start->ticks);
    if (when >= began) duration = when - began;
  }
  data.add_exit(status, duration);
  emit(field::kind::exit, std::move(data), when);
}

EventData Tracker::describe(const Process& process, ObservedBy by) const {
  const Process* parent = process.parent ? table_.find(*process.parent) : nullptr;
  return {process, parent, host_, by};
}

void Tracker::emit(std::string_view kind, EventData&& data, std::uint64_t when) {
  if (data.is_incomplete()) statistics_.incomplete.add();
  if (kind == field::kind::created) statistics_.news.add();
  if (kind == field::kind::exec) statistics_.execs.add();
  if (kind == field::kind::exit) statistics_.exits.add();
  if (kind == field::kind::change) statistics_.changes.add();
  if (kind == field::kind::snapshot) statistics_.snapshots.add();
  if (data.observed_by() == ObservedBy::rescan) statistics_.by_rescan.add();
  if (data.observed_by() == ObservedBy::scan) statistics_.by_scan.add();
  sink_.emit({.kind = std::string(kind), .time = host_.wall_time(when), .text = data.take()});
}

}  // namespace procmond
