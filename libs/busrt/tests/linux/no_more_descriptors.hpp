// A process that may open nothing more, for a while.
#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace busrt {

/// Until it goes, this process gets no further descriptor.
class NoMoreDescriptors {
 public:
  NoMoreDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    // The limit is one of numbers, so the free ones below the highest that is open are taken.
    int highest = 0;
    for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
      highest = std::max(highest, std::stoi(each.path().filename().string()));
    }
    int taken = -1;
    do {
      taken = ::dup(STDERR_FILENO);
      fillers_.push_back(taken);
    } while (taken >= 0 && taken < highest);
    rlimit none = before_;
    none.rlim_cur = static_cast<rlim_t>(std::max(taken, highest)) + 1;
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoMoreDescriptors() {
    ::setrlimit(RLIMIT_NOFILE, &before_);
    for (const int each : fillers_) ::close(each);
  }
  NoMoreDescriptors(const NoMoreDescriptors&) = delete;
  NoMoreDescriptors& operator=(const NoMoreDescriptors&) = delete;

 private:
  rlimit before_{};
  std::vector<int> fillers_;
};

}  // namespace busrt
