#include "collectors.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <iterator>

// glibc 2.36 forgot to give this header C linkage.
extern "C" {
#include <sys/pidfd.h>
}

namespace daemoneye_keeper {
namespace {

std::unexpected<busrt::base::Error> unknown(std::string_view name) {
  return busrt::base::fail_errno(ENOENT, "no collector " + std::string(name));
}

std::int64_t wall_nanoseconds() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

busrt::base::Result<busrt::base::UniqueFd> duplicate(const busrt::base::UniqueFd& descriptor) {
  busrt::base::UniqueFd copy(::fcntl(descriptor.get(), F_DUPFD_CLOEXEC, 0));
  if (!copy) return busrt::base::fail_errno(errno, "a duplicate of a descriptor");
  return copy;
}

busrt::base::Result<const Collector*> Collectors::start(const Message& request) {
  if (request.name.empty() || request.argv.empty() || !request.argv.front().contains('/'))
    return busrt::base::fail_errno(EINVAL, "a collector without a name or a path");
  if (all_.contains(request.name)) return busrt::base::fail_errno(EEXIST, "collector " + request.name);
  if (all_.size() >= max_collectors) return busrt::base::fail_errno(ENOSPC, "too many collectors");
  auto process = spawn_collector(request.argv, request.descriptors.front().get());
  if (!process) return std::unexpected(std::move(process.error()));
  Collector& added = all_[request.name];
  added.name = request.name;
  added.argv = request.argv;
  added.input_mark = request.text;
  added.started_at = wall_nanoseconds();
  added.process = std::move(*process);
  return &added;
}

busrt::base::Result<> Collectors::go(std::string_view name, std::uint32_t serial) {
  const auto found = all_.find(name);
  if (found == all_.end()) return unknown(name);
  Collector& collector = found->second;
  if (!collector.process.gate) return busrt::base::fail_errno(EALREADY, "collector " + collector.name);
  // A byte and not the end alone: a collector that was forked meanwhile may hold a copy of this end.
  [[maybe_unused]] const auto written = ::write(collector.process.gate.get(), "", 1);
  collector.process.gate.reset();
  collector.go_serial = serial;
  return {};
}

busrt::base::Result<> Collectors::signal(std::string_view name, int number) const {
  const auto found = all_.find(name);
  if (found == all_.end()) return unknown(name);
  if (::pidfd_send_signal(found->second.process.pidfd.get(), number, nullptr, 0) == 0) return {};
  return busrt::base::fail_errno(errno, "a signal to " + found->second.name);
}

busrt::base::Result<> Collectors::reap(std::string_view name) {
  const auto found = all_.find(name);
  if (found == all_.end()) return unknown(name);
  const Collector& collector = found->second;
  if (!collector.ended && !collector.exec_failed)
    return busrt::base::fail_errno(EBUSY, "collector " + collector.name + " runs");
  bury(collector);
  all_.erase(found);
  return {};
}

const Collector* Collectors::at(std::size_t index) const {
  if (index >= all_.size()) return nullptr;
  return &std::next(all_.begin(), static_cast<std::ptrdiff_t>(index))->second;
}

Message Collectors::ran(Collector& collector) {
  Message answer{.kind = Kind::answer, .serial = collector.go_serial.value_or(0)};
  int error = 0;
  ssize_t got = 0;
  do {
    got = ::read(collector.process.report.get(), &error, sizeof error);
  } while (got < 0 && errno == EINTR);
  collector.process.report.reset();
  collector.go_serial.reset();
  if (got != static_cast<ssize_t>(sizeof error)) return answer;
  collector.exec_failed = true;
  answer.number = error;
  answer.text = collector.argv.front();
  return answer;
}

bool Collectors::note_end(Collector& collector) {
  siginfo_t info{};
  const auto id = static_cast<id_t>(collector.process.pid);
  if (::waitid(P_PID, id, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return false;
  // As waitpid() gives it.
  collector.ended = info.si_code == CLD_EXITED ? (info.si_status & 0xFF) << 8 : info.si_status;
  return true;
}

void Collectors::bury(const Collector& collector) {
  // Its pid, and so the number of its group, means nothing else before it is reaped.
  ::kill(-collector.process.pid, SIGKILL);
  while (::waitpid(collector.process.pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void Collectors::drop_waiting() {
  for (auto next = all_.begin(); next != all_.end();) {
    Collector& collector = next->second;
    collector.go_serial.reset();
    if (!collector.process.gate && !collector.exec_failed) {
      ++next;
      continue;
    }
    bury(collector);
    next = all_.erase(next);
  }
}

void Collectors::end_all(int number) {
  for (auto& [name, collector] : all_) {
    if (!collector.ended) ::pidfd_send_signal(collector.process.pidfd.get(), number, nullptr, 0);
    collector.process.socket.reset();
  }
}

bool Collectors::reap_ended() {
  std::erase_if(all_, [](const auto& entry) {
    if (entry.second.ended) bury(entry.second);
    return entry.second.ended.has_value();
  });
  return all_.empty();
}

}  // namespace daemoneye_keeper
