// The executable's own clock_gettime(), timerfd_create() and epoll_wait() come before the C library's, and
// its std::random_device::_M_getval() before the one of libstdc++.
#include "system.hpp"

#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <random>

#include "random.hpp"
#include "routing/keyed_hash.hpp"

namespace busrt::simulation {

namespace {

using namespace std::chrono_literals;

constinit bool active = false;
constinit std::int64_t now_ns = 0;
constinit std::uint64_t random_state = 0;

/// Far enough from zero that deadlines may be computed backwards from it.
constexpr std::int64_t beginning = std::chrono::nanoseconds(1'000'000s).count();

}  // namespace

VirtualSystem::VirtualSystem(std::uint64_t seed) {
  active = true;
  now_ns = beginning;
  // Drawn once in a process, so it must not depend on which seed is the first.
  random_state = 0;
  static_cast<void>(routing::keyed_hash({}));
  random_state = seed;
}

VirtualSystem::~VirtualSystem() {
  active = false;
}

void VirtualSystem::advance_to(Time time) {
  now_ns = std::max(now_ns, std::chrono::nanoseconds(time.time_since_epoch()).count());
}

Duration real_time() {
  timespec time{};
  ::syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace busrt::simulation

// NOLINTBEGIN(cert-dcl58-cpp,readability-identifier-naming): these names are the system's.

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  if (!busrt::simulation::active) return static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
  time->tv_sec = busrt::simulation::now_ns / 1'000'000'000;
  time->tv_nsec = busrt::simulation::now_ns % 1'000'000'000;
  return 0;
}

/// Without it Asio looks at its timers at each poll, by the clock above.
extern "C" int timerfd_create(clockid_t, int) noexcept {
  errno = ENOSYS;
  return -1;
}

/// There are no descriptors in a simulation, and nothing in it may sleep.
extern "C" int epoll_wait(int poll, epoll_event* events, int count, int timeout) {
  if (busrt::simulation::active) return 0;
  return static_cast<int>(::syscall(SYS_epoll_pwait, poll, events, count, timeout, nullptr, 0));
}

std::random_device::result_type std::random_device::_M_getval() {
  return static_cast<result_type>(busrt::simulation::next_random(busrt::simulation::random_state));
}

// NOLINTEND(cert-dcl58-cpp,readability-identifier-naming)
