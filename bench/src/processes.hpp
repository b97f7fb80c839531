// Child processes and the memory they share with the benchmark.
#pragma once

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace bench {

inline constexpr std::size_t most_subscribers = 64;

/// Counters that the roles of one run share.
struct Shared {
  std::atomic<std::uint64_t> ready{0};
  std::atomic<std::uint64_t> go{0};
  std::atomic<std::uint64_t> received[most_subscribers]{};
  std::atomic<std::uint64_t> failed{0};  ///< roles that ended with an exception
};

class SharedMemory {
 public:
  SharedMemory() {
    void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("mmap");
    shared_ = new (memory) Shared;
  }
  ~SharedMemory() { ::munmap(shared_, sizeof(Shared)); }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  Shared* operator->() const noexcept { return shared_; }
  Shared& operator*() const noexcept { return *shared_; }

 private:
  Shared* shared_ = nullptr;
};

/// A forked role. Killed and reaped at the end.
class Child {
 public:
  explicit Child(const std::function<void()>& role) {
    std::fflush(nullptr);
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork");
    if (pid_ == 0) {
      // A benchmark that is killed leaves nothing behind.
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      int status = 0;
      try {
        role();
      } catch (const std::exception& error) {
        std::fprintf(stderr, "benchmark role failed: %s\n", error.what());
        status = 1;
      }
      std::fflush(nullptr);
      ::_exit(status);
    }
  }
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { stop(SIGKILL); }

  void stop(int signal) {
    if (pid_ <= 0) return;
    ::kill(pid_, signal);
    wait();
  }
  /// True when the role ended well.
  bool wait() {
    if (pid_ <= 0) return true;
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  /// True when the role has ended already; reaps it then.
  bool ended() {
    if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
    return pid_ <= 0;
  }
  [[nodiscard]] int pid() const noexcept { return pid_; }

 private:
  int pid_ = -1;
};

}  // namespace bench
