#include "faults/injector.hpp"

#include <dirent.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <mutex>

// Of the sanitizer's runtime, where the program has one.
extern "C" void __sanitizer_symbolize_pc(void* pc, const char* format, char* out,  // NOLINT
                                         std::size_t size) __attribute__((weak));

namespace busrt_faults {

namespace {

constexpr std::size_t max_descriptors = 1024;

enum class Mode : std::uint8_t { idle, counting, armed };

struct Watch {
  int epoll = -1;
  std::uint32_t events = 0;
  std::uint64_t data = 0;
};

// Constant-initialised: the functions are called before main().
constinit std::atomic<Mode> mode{Mode::idle};
constinit std::atomic<Role> new_threads{Role::broker};
constinit thread_local Role own_role = Role::unknown;
constinit std::array<std::array<std::atomic<std::uint64_t>, call_count>, 4> counts{};
constinit std::array<std::atomic<bool>, max_descriptors> is_protected{};
constinit std::atomic<std::uint64_t> left{0};
constinit std::atomic<bool> has_fired{false};
// The target. A thread that was about to ask when the last one was given up may still look at it.
constinit std::atomic<Role> wanted_role{Role::unknown};
constinit std::atomic<Call> wanted_call{Call::read};
constinit std::atomic<const Fault*> wanted_fault{nullptr};
constinit std::mutex watch_mutex;
constinit std::array<Watch, max_descriptors> watches{};  // guarded by watch_mutex

template <class Use>
void for_each_descriptor(Use use) {
  DIR* directory = ::opendir("/proc/self/fd");
  if (directory == nullptr) return;
  const int own = ::dirfd(directory);
  while (const dirent* entry = ::readdir(directory)) {
    if (entry->d_name[0] == '.') continue;
    const int descriptor = std::atoi(entry->d_name);
    if (descriptor != own) use(descriptor);
  }
  ::closedir(directory);
}

}  // namespace

void start_counting() {
  for (auto& role : counts) {
    for (auto& count : role) count.store(0);
  }
  mode.store(Mode::counting);
}

void arm(const Target& wanted) {
  wanted_role.store(wanted.role);
  wanted_call.store(wanted.call);
  wanted_fault.store(wanted.fault);
  left.store(wanted.number);
  has_fired.store(false);
  mode.store(Mode::armed);
}

void stop() {
  mode.store(Mode::idle);
}

Counts counted() {
  Counts result{};
  for (std::size_t role = 0; role < counts.size(); ++role) {
    for (std::size_t call = 0; call < call_count; ++call) result[role][call] = counts[role][call].load();
  }
  return result;
}

bool fired() {
  return has_fired.load();
}

void set_role(Role role) noexcept {
  own_role = role;
}
void set_role_of_new_threads(Role role) noexcept {
  new_threads.store(role);
}

void protect_open_connections() {
  for (auto& each : is_protected) each.store(false);
  for_each_descriptor([](int descriptor) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    // Not by the interposed function.
    const bool connected =
        ::syscall(SYS_getpeername, descriptor, reinterpret_cast<sockaddr*>(&address), &length) == 0;
    if (static_cast<std::size_t>(descriptor) < max_descriptors) {
      is_protected[static_cast<std::size_t>(descriptor)].store(connected);
    }
  });
}

const Fault* meets(Call call, int descriptor) noexcept {
  const Mode now = mode.load(std::memory_order_acquire);
  if (now == Mode::idle) return nullptr;
  if (own_role == Role::unknown) own_role = new_threads.load(std::memory_order_relaxed);
  if (own_role == Role::exempt) return nullptr;
  const auto index = static_cast<std::size_t>(descriptor);
  if (descriptor >= 0 && index < max_descriptors && is_protected[index].load(std::memory_order_relaxed)) {
    return nullptr;
  }
  if (now == Mode::counting) {
    counts[static_cast<std::size_t>(own_role)][static_cast<std::size_t>(call)].fetch_add(1);
    return nullptr;
  }
  if (call != wanted_call.load(std::memory_order_relaxed) ||
      own_role != wanted_role.load(std::memory_order_relaxed) || left.load(std::memory_order_relaxed) == 0) {
    return nullptr;
  }
  if (left.fetch_sub(1) != 1) return nullptr;
  has_fired.store(true);
  return wanted_fault.load();
}

void note_watch(int epoll, int descriptor, std::uint32_t events, std::uint64_t data) noexcept {
  const auto index = static_cast<std::size_t>(descriptor);
  if (descriptor < 0 || index >= max_descriptors) return;
  const std::lock_guard lock(watch_mutex);
  watches[index] = {epoll, events, data};
}

void watch_anew(int descriptor) noexcept {
  const auto index = static_cast<std::size_t>(descriptor);
  if (descriptor < 0 || index >= max_descriptors) return;
  const std::lock_guard lock(watch_mutex);
  const Watch& watch = watches[index];
  if (watch.epoll < 0) return;
  epoll_event event{};
  event.events = watch.events;
  event.data.u64 = watch.data;
  ::syscall(SYS_epoll_ctl, watch.epoll, EPOLL_CTL_MOD, descriptor, &event);
}

namespace {

/// A sanitizer starts another program for the names of functions, once it needs one: also for a report that
/// is then suppressed. Its pipes stay open, and are not what a fault has left behind.
bool start_symbolizer() {
  if (__sanitizer_symbolize_pc == nullptr) return false;
  std::array<char, 256> name{};
  __sanitizer_symbolize_pc(reinterpret_cast<void*>(&start_symbolizer), "%f", name.data(), name.size());
  return true;
}

}  // namespace

std::size_t open_descriptors() {
  [[maybe_unused]] static const bool started = start_symbolizer();
  std::size_t count = 0;
  for_each_descriptor([&count](int) { ++count; });
  return count;
}

std::string describe_descriptors() {
  std::string text;
  for_each_descriptor([&text](int descriptor) {
    const std::string number = std::to_string(descriptor);
    std::array<char, 256> name{};
    const ssize_t size = ::readlink(("/proc/self/fd/" + number).c_str(), name.data(), name.size());
    if (size > 0) text += number + " " + std::string(name.data(), static_cast<std::size_t>(size)) + ", ";
  });
  return text;
}

}  // namespace busrt_faults
