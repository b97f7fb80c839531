// The logic of procmond: kernel events and looks at /proc in, a true table of processes and observations out.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "daemoneye/collector/event_source.hpp"
#include "event_data.hpp"
#include "event_queue.hpp"
#include "host_names.hpp"
#include "statistics.hpp"

namespace procmond {

/// Used by one thread. Reads processes through Host; owns no clock, no socket and no thread.
///
/// A look at everything has two halves. scan_present() takes in what is there. Then the caller drains the
/// kernel's feed and hands over every event in it, and only then scan_absent() ends what scan_present() did
/// not find: a process that was gone then had its exit reported before, so if the report did not come with
/// that drain, it never will.
class Tracker {
 public:
  Tracker(Host& host, daemoneye::collector::EventSink& sink, Statistics& statistics);

  /// `by` snapshot emits one snapshot for each process; rescan and scan emit differences: new, exec, exit,
  /// change.
  busrt::base::Result<> scan_present(ObservedBy by);
  void scan_absent(ObservedBy by);

  /// `ahead` holds the events that came after this one.
  void on_event(const KernelEvent& event, const EventQueue& ahead);

  /// Ends processes of which only the first thread's end was reported and which are gone by now. To be called
  /// every limits::linger_check while has_lingering().
  void check_lingering();
  [[nodiscard]] bool has_lingering() const noexcept { return !lingering_.empty(); }

  [[nodiscard]] const ProcessTable& table() const noexcept { return table_; }

 private:
  void look_at(Pid pid, ObservedBy by);
  void take_in(Pid pid, const Reading& reading, ObservedBy by, std::uint64_t now);
  void compare(Process& process, const Reading& reading, ObservedBy by, std::uint64_t now);
  void count_unreadable();

  void on_fork(const KernelEvent& event);
  void on_exec(const KernelEvent& event, const EventQueue& ahead);
  void on_exit(const KernelEvent& event);
  void on_thread_exit(const KernelEvent& event);
  void on_ids(const KernelEvent& event);
  void on_comm(const KernelEvent& event);
  void exit_of_unknown(const KernelEvent& event);

  /// The process that the event is about; null when the table holds none, or one that began after the event.
  Process* subject_of(const KernelEvent& event);
  /// What /proc says, unless that is another process that has the pid by now.
  std::optional<Reading> read_for(const KernelEvent& event, const Process* known, const Wanted& wanted);
  Process start_child(const KernelEvent& event, const Process* parent);

  void end(Pid pid, std::optional<std::uint32_t> status, ObservedBy by, std::uint64_t when);
  void emit(std::string_view kind, EventData&& data, std::uint64_t when);
  [[nodiscard]] EventData describe(const Process& process, ObservedBy by) const;
  void linger(Pid pid);

  Host& host_;
  daemoneye::collector::EventSink& sink_;
  Statistics& statistics_;
  ProcessTable table_;
  std::vector<Pid> lingering_;
  std::uint64_t scan_ = 0;
  std::uint64_t scan_began_ns_ = 0;
  /// Pids that belong to another process than the table says, as the last scan found.
  std::vector<Pid> reused_;
};

}  // namespace procmond
