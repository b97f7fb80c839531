// A host of a test's making: processes that are set by hand, and a clock that moves when told.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemoneye/events/time_text.hpp"
#include "event_queue.hpp"
#include "host_names.hpp"

namespace procmond {

/// 100 ticks a second; boot, CLOCK_MONOTONIC and the wall clock begin together.
class FakeHost final : public Host {
 public:
  static constexpr std::uint64_t tick_ns = 10'000'000;

  /// A living process that started at `tick`, running /bin/NAME without further arguments.
  Reading& add(Pid pid, std::uint64_t tick, const std::string& name = "prog", Pid parent = 1) {
    Reading reading;
    reading.start_ticks = tick;
    reading.parent = parent;
    reading.uid = IdPair{0, 0};
    reading.gid = IdPair{0, 0};
    reading.cgroup = "/group";
    set_image(reading, name);
    return processes[pid] = std::move(reading);
  }
  static void set_image(Reading& reading, const std::string& name) {
    auto image = std::make_shared<Image>();
    image->exe = "/bin/" + name;
    image->args = std::vector<std::string>{name};
    reading.image = std::move(image);
    reading.comm = name;
    reading.image_mark = std::hash<std::string>{}(name) | 1U;
  }

  busrt::base::Result<std::vector<Pid>> list() override {
    if (list_fails) return busrt::base::fail(std::make_error_code(std::errc::io_error), "/proc");
    std::vector<Pid> pids;
    for (const auto& [pid, reading] : processes) pids.push_back(pid);
    return pids;
  }
  std::optional<Reading> read(Pid pid, const Wanted& wanted) override {
    ++reads;
    const auto found = processes.find(pid);
    if (found == processes.end()) return std::nullopt;
    Reading reading = found->second;
    if (!wanted.image) reading.image = nullptr;
    if (!wanted.ids) reading.uid = reading.gid = std::nullopt;
    if (!wanted.cgroup) reading.cgroup.reset();
    return reading;
  }
  [[nodiscard]] const std::string& boot_id() const override { return boot; }
  [[nodiscard]] std::uint64_t ticks_per_second() const override { return 100; }
  [[nodiscard]] std::uint64_t monotonic_ns() const override { return now_ns; }
  [[nodiscard]] std::chrono::system_clock::time_point wall_time(std::uint64_t ns) const override {
    return std::chrono::system_clock::time_point(std::chrono::nanoseconds(ns));
  }
  [[nodiscard]] std::uint64_t to_ticks(std::uint64_t ns) const override { return ns / tick_ns; }
  [[nodiscard]] std::uint64_t to_monotonic_ns(std::uint64_t ticks) const override { return ticks * tick_ns; }
  [[nodiscard]] std::string start_text(std::uint64_t ticks) const override {
    return daemoneye::events::format_time(wall_time(to_monotonic_ns(ticks)));
  }

  std::map<Pid, Reading> processes;
  std::uint64_t now_ns = 0;
  std::string boot = "boot";
  bool list_fails = false;
  int reads = 0;
};

/// Events at a given tick (and a little).
inline KernelEvent event_at(std::uint64_t tick, KernelEvent::Kind kind, Pid pid, Pid parent = 0) {
  KernelEvent event;
  event.kind = kind;
  event.pid = event.tgid = pid;
  event.parent = parent;
  event.timestamp_ns = tick * FakeHost::tick_ns + 1;
  return event;
}
inline KernelEvent fork_at(std::uint64_t tick, Pid parent, Pid child) {
  return event_at(tick, KernelEvent::Kind::fork, child, parent);
}
inline KernelEvent exec_at(std::uint64_t tick, Pid pid) {
  return event_at(tick, KernelEvent::Kind::exec, pid);
}
inline KernelEvent exit_at(std::uint64_t tick, Pid pid, std::uint32_t status = 0) {
  KernelEvent event = event_at(tick, KernelEvent::Kind::exit, pid);
  event.status = status;
  return event;
}
inline KernelEvent of_thread(KernelEvent event, Pid thread) {
  event.pid = thread;
  return event;
}
inline KernelEvent ids_at(std::uint64_t tick, KernelEvent::Kind kind, Pid pid, IdPair ids) {
  KernelEvent event = event_at(tick, kind, pid);
  event.ids = ids;
  return event;
}

}  // namespace procmond
