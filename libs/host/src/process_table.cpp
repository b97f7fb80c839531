// The memory of ended processes is bounded; the oldest end is forgotten first.
#include "daemoneye/host/process_table.hpp"

#include <algorithm>
#include <utility>

namespace daemoneye::host {

Process* ProcessTable::find(Pid pid) {
  const auto found = processes_.find(pid);
  return found == processes_.end() ? nullptr : &found->second;
}

const Process* ProcessTable::find(Pid pid) const {
  const auto found = processes_.find(pid);
  return found == processes_.end() ? nullptr : &found->second;
}

Process& ProcessTable::insert(Process process) {
  const Pid pid = process.pid;
  return processes_.insert_or_assign(pid, std::move(process)).first->second;
}

Process ProcessTable::remove(Pid pid) {
  auto node = processes_.extract(pid);
  Process process = std::move(node.mapped());
  if (process.start) remember_end(pid, process.start->ticks);
  return process;
}

bool ProcessTable::ended_lately(Pid pid, std::uint64_t start_ticks) const {
  const auto found = ends_.find(pid);
  return found != ends_.end() && found->second == start_ticks;
}

void ProcessTable::remember_end(Pid pid, std::uint64_t start_ticks) {
  ends_[pid] = start_ticks;
  end_order_.push_back({pid, start_ticks});
  if (end_order_.size() <= limits::remembered_exits) return;
  const End oldest = end_order_.front();
  end_order_.pop_front();
  const auto found = ends_.find(oldest.pid);
  if (found != ends_.end() && found->second == oldest.start_ticks) ends_.erase(found);
}

void ProcessTable::sort(std::vector<Pid>& pids) {
  std::ranges::sort(pids);
}

}  // namespace daemoneye::host
