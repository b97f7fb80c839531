// What procmond says of itself: how it watches, how much it saw, and what it cannot see.
#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "process_source.hpp"
#include "watcher.hpp"

namespace procmond {
namespace {

namespace json = boost::json;

json::object event_numbers(const Statistics& statistics) {
  return {{"snapshot", statistics.snapshots.get()},  {"new", statistics.news.get()},
          {"exec", statistics.execs.get()},          {"exit", statistics.exits.get()},
          {"change", statistics.changes.get()},      {"incomplete", statistics.incomplete.get()},
          {"by_rescan", statistics.by_rescan.get()}, {"by_scan", statistics.by_scan.get()}};
}

json::object connector_numbers(const Statistics& statistics, const KernelFeed::Numbers& numbers) {
  return {{"receive_buffer_bytes", numbers.buffer_bytes},
          {"messages", numbers.messages},
          {"reads", numbers.reads},
          {"malformed", numbers.malformed},
          {"not_from_kernel", numbers.foreign},
          {"queued", statistics.queued.get()},
          {"thread_forks", statistics.thread_forks.get()},
          {"thread_exits", statistics.thread_exits.get()},
          {"name_changes", statistics.comms.get()},
          {"already_known", statistics.already_known.get()}};
}

json::object loss_numbers(const Statistics& statistics) {
  return {{"reports", statistics.losses.get()},
          {"messages", statistics.lost_messages.get()},
          {"reports_of_unknown_size", statistics.losses_of_unknown_size.get()}};
}

}  // namespace

json::array ProcessSource::cannot_see() const {
  json::array sentences;
  const auto say = [&sentences](std::string sentence) { sentences.emplace_back(json::string(sentence)); };
  if (by_connector_) {
    say("What a process ran, when it had ended or run the next program before /proc could be read, which "
        "takes "
        "about 0.1 ms: such events name what is missing in \"incomplete\".");
    if (scheduling_ == Scheduling::ordinary) {
      say("On a busy machine also what longer-lived processes ran: the watching thread has no priority.");
    }
    say("A move to another cgroup, before the next exec.");
  } else {
    say(fmt::format("Processes that live shorter than the scan interval of {} ms.",
                    settings_.scan_interval.count()));
    say("Exit codes and signals, but of processes that are not yet reaped, when run as root.");
    say("The moment of anything, and several execs between two scans; changes of uid and gid between two "
        "scans are "
        "seen late, and not at all when undone in between.");
  }
  if (const std::uint64_t count = statistics_.unreadable_exe.get(); count != 0) {
    say(count == 1 ? std::string("The executable of 1 running process, which we may not read.")
                   : fmt::format("The executables of {} running processes, which we may not read.", count));
  }
  if (statistics_.unreadable_init.get() != 0) say("The executable of PID 1, which we may not read.");
  return sentences;
}

json::object ProcessSource::health() const {
  json::object health;
  const bool started = watcher_ != nullptr;
  health.emplace("method", !started ? "none" : by_connector_ ? "connector" : "scan");
  health.emplace("why", why_);
  health.emplace("cannot_see", started ? cannot_see() : json::array{"Anything: not started."});
  if (started) {
    if (const std::string failure = watcher_->failure(); !failure.empty())
      health.emplace("degraded", failure);
  }
  health.emplace("events", event_numbers(statistics_));
  health.emplace("losses", loss_numbers(statistics_));
  health.emplace("rescans", statistics_.rescans.get());
  health.emplace("scans", statistics_.scans.get());
  health.emplace("processes", statistics_.processes.get());
  if (started && by_connector_)
    health.emplace("connector", connector_numbers(statistics_, watcher_->numbers()));
  health.emplace("scheduling", to_string(scheduling_));
  health.emplace("settings", to_json(settings_));
  return health;
}

}  // namespace procmond
