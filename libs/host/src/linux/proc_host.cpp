// One directory handle per process read: it stays with that very process even if its pid is given to another.
#include "daemoneye/host/proc_host.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <ctime>

#include "busrt/base/utf8.hpp"
#include "daemoneye/events/time_text.hpp"
#include "daemoneye/host/limits.hpp"
#include "daemoneye/host/proc_parse.hpp"

namespace daemoneye::host {
namespace {

constexpr std::uint64_t ns_per_second = 1'000'000'000;
constexpr std::uint64_t held_up_ns = 100'000;
constexpr std::uint64_t least_sleep_ns = 1'000'000;
constexpr int clock_attempts = 5;

std::uint64_t clock_ns(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * ns_per_second + static_cast<std::uint64_t>(now.tv_nsec);
}

std::chrono::system_clock::time_point to_time(std::uint64_t ns) {
  return std::chrono::system_clock::time_point(std::chrono::nanoseconds(ns));
}

struct DirectoryCloser {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

bool is_dying(const ProcStat& stat) {
  const bool ended = stat.state == 'Z' || stat.state == 'X' || (stat.flags & ProcStat::flag_exiting) != 0;
  return ended && stat.threads <= 1;
}

}  // namespace

busrt::base::Result<std::unique_ptr<ProcHost>> ProcHost::open(ShowArguments show_arguments) {
  busrt::base::UniqueFd proc(::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!proc) return busrt::base::fail_errno(errno, "/proc");
  std::unique_ptr<ProcHost> host(new ProcHost(std::move(proc), {}, std::move(show_arguments)));
  const auto text = host->slurp(host->proc_.get(), "sys/kernel/random/boot_id", limits::proc_file_bytes);
  if (!text) return busrt::base::fail_errno(errno, "/proc/sys/kernel/random/boot_id");
  host->boot_id_ = busrt::base::escape_invalid_utf8(text->substr(0, text->find('\n')));
  return host;
}

ProcHost::ProcHost(busrt::base::UniqueFd proc, std::string boot_id, ShowArguments show_arguments)
    : proc_(std::move(proc)),
      boot_id_(std::move(boot_id)),
      show_arguments_(std::move(show_arguments)),
      ticks_per_second_(static_cast<std::uint64_t>(std::max(::sysconf(_SC_CLK_TCK), 1L))),
      sees_exit_status_(::geteuid() == 0),
      boot_time_(to_time(clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME))),
      buffer_(limits::args_read_bytes) {}

busrt::base::Result<std::vector<Pid>> ProcHost::list() {
  // A handle of its own, because the position of a directory belongs to the handle.
  const int copy = ::openat(proc_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0) return busrt::base::fail_errno(errno, "/proc");
  const std::unique_ptr<DIR, DirectoryCloser> directory(::fdopendir(copy));
  if (!directory) {
    const int error = errno;
    ::close(copy);
    return busrt::base::fail_errno(error, "/proc");
  }
  std::vector<Pid> pids;
  errno = 0;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    Pid pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error == std::errc{} && end == name.data() + name.size() && pid > 0) pids.push_back(pid);
  }
  if (errno != 0) return busrt::base::fail_errno(errno, "/proc");
  return pids;
}

std::optional<std::string_view> ProcHost::slurp(int directory, const char* name, std::size_t most) {
  const busrt::base::UniqueFd file(::openat(directory, name, O_RDONLY | O_CLOEXEC));
  if (!file) return std::nullopt;
  std::size_t size = 0;
  while (size < most) {
    const ssize_t count = ::read(file.get(), buffer_.data() + size, most - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::nullopt;
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  return std::string_view(buffer_.data(), size);
}

std::shared_ptr<const Image> ProcHost::read_image(int directory) {
  auto image = std::make_shared<Image>();
  CommandLine line;
  const auto bytes = slurp(directory, "cmdline", buffer_.size());
  if (bytes) line = parse_cmdline(*bytes, bytes->size() == buffer_.size());
  std::array<char, limits::path_bytes> path{};
  const ssize_t length = ::readlinkat(directory, "exe", path.data(), path.size());
  if (length > 0)
    image->exe = busrt::base::escape_invalid_utf8({path.data(), static_cast<std::size_t>(length)});
  if (bytes) {
    auto shown = show_arguments_(image->exe.value_or(""), std::move(line.args), line.truncated);
    image->args = std::move(shown.args);
    image->args_truncated = shown.truncated;
  }
  return image;
}

std::optional<Reading> ProcHost::read(Pid pid, const Wanted& wanted) {
  std::array<char, 16> name{};
  std::to_chars(name.data(), name.data() + name.size() - 1, pid);
  const busrt::base::UniqueFd directory(::openat(proc_.get(), name.data(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return std::nullopt;
  Reading reading;
  std::shared_ptr<const Image> image;
  if (wanted.image) image = read_image(directory.get());
  if (wanted.ids) {
    const auto text = slurp(directory.get(), "status", limits::proc_file_bytes);
    if (const auto status = text ? parse_status(*text) : std::nullopt) {
      reading.uid = status->uid;
      reading.gid = status->gid;
    }
  }
  if (wanted.cgroup) {
    const auto text = slurp(directory.get(), "cgroup", limits::proc_file_bytes);
    if (const auto path = text ? parse_cgroup(*text) : std::nullopt)
      reading.cgroup = busrt::base::escape_invalid_utf8(*path);
  }
  // Last, so that it says of everything before whether the process had begun to end.
  const auto text = slurp(directory.get(), "stat", limits::proc_file_bytes);
  const auto stat = text ? parse_stat(*text) : std::nullopt;
  if (!stat) return std::nullopt;
  reading.dying = is_dying(*stat);
  reading.exited = reading.dying && (stat->state == 'Z' || stat->state == 'X');
  if (reading.exited && sees_exit_status_) reading.wait_status = stat->wait_status;
  reading.start_ticks = stat->start_ticks;
  reading.parent = stat->parent;
  reading.threads = std::max(stat->threads, 1U);
  reading.kernel_thread = (stat->flags & ProcStat::flag_kernel_thread) != 0;
  reading.image_mark = stat->image_mark;
  reading.comm = busrt::base::escape_invalid_utf8(stat->comm);
  if (image && !reading.kernel_thread) {
    // The command line of a process that has given up its memory reads as empty, which it was not.
    const bool gone = image->args && image->args->empty() && (reading.dying || (stat->state == 'Z'));
    if (gone) {
      auto without = std::make_shared<Image>(*image);
      without->args.reset();
      image = std::move(without);
    }
    reading.image = std::move(image);
  }
  return reading;
}

std::uint64_t ProcHost::monotonic_ns() const {
  return clock_ns(CLOCK_MONOTONIC);
}

std::chrono::system_clock::time_point ProcHost::wall_time(std::uint64_t monotonic_ns) const {
  return to_time(clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC) + monotonic_ns);
}

/// Time asleep since boot: CLOCK_BOOTTIME counts it, CLOCK_MONOTONIC does not. The clocks are read one after
/// the other, so a measurement is off by as long as this thread was held up in between. Sleep lasts longer
/// than a millisecond: what differs by less is taken for the same, and stays exactly the same.
std::uint64_t ProcHost::asleep_ns() const {
  for (int attempt = 0; attempt < clock_attempts; ++attempt) {
    const std::uint64_t before = clock_ns(CLOCK_MONOTONIC);
    const std::uint64_t boot = clock_ns(CLOCK_BOOTTIME);
    const std::uint64_t after = clock_ns(CLOCK_MONOTONIC);
    if (after - before > held_up_ns) continue;
    const std::uint64_t asleep = boot > before ? boot - before : 0;
    const std::uint64_t difference = asleep > asleep_ns_ ? asleep - asleep_ns_ : asleep_ns_ - asleep;
    if (difference >= least_sleep_ns) asleep_ns_ = asleep;
    break;
  }
  return asleep_ns_;
}

std::uint64_t ProcHost::to_ticks(std::uint64_t monotonic_ns) const {
  return (monotonic_ns + asleep_ns()) / (ns_per_second / ticks_per_second_);
}

std::uint64_t ProcHost::to_monotonic_ns(std::uint64_t ticks) const {
  const std::uint64_t boot = ticks * (ns_per_second / ticks_per_second_);
  const std::uint64_t asleep = asleep_ns();
  return boot > asleep ? boot - asleep : 0;
}

std::string ProcHost::start_text(std::uint64_t ticks) const {
  return events::format_time(boot_time_ +
                             std::chrono::nanoseconds(ticks * (ns_per_second / ticks_per_second_)));
}

}  // namespace daemoneye::host
