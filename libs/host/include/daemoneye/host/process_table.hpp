// The processes that live, as far as the collector knows, and those that ended lately.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "daemoneye/host/limits.hpp"
#include "daemoneye/host/process.hpp"

namespace daemoneye::host {

/// One process a pid. Used by one thread. Pointers stay valid until the process they point to is removed.
class ProcessTable {
 public:
  [[nodiscard]] Process* find(Pid pid);
  [[nodiscard]] const Process* find(Pid pid) const;
  /// Takes the place of whatever had this pid.
  Process& insert(Process process);
  /// The process, which is then among those that ended lately. It must be there.
  Process remove(Pid pid);
  [[nodiscard]] std::size_t size() const noexcept { return processes_.size(); }

  /// Whether the process of this pid and start time was removed lately.
  [[nodiscard]] bool ended_lately(Pid pid, std::uint64_t start_ticks) const;
  /// A process that ended and was never in the table.
  void remember_end(Pid pid, std::uint64_t start_ticks);

  /// Pids for which the predicate holds, in ascending order.
  template <class Predicate>
  [[nodiscard]] std::vector<Pid> pids_where(Predicate predicate) const {
    std::vector<Pid> pids;
    for (const auto& [pid, process] : processes_) {
      if (predicate(process)) pids.push_back(pid);
    }
    sort(pids);
    return pids;
  }

 private:
  static void sort(std::vector<Pid>& pids);

  std::unordered_map<Pid, Process> processes_;
  struct End {
    Pid pid;
    std::uint64_t start_ticks;
  };
  /// By pid: a pid is given out again only after all others, so one end per pid is enough.
  std::unordered_map<Pid, std::uint64_t> ends_;
  std::deque<End> end_order_;
};

}  // namespace daemoneye::host
