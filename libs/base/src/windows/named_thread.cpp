#include "busrt/base/named_thread.hpp"

#include <pthread.h>

#include <utility>

namespace busrt::base {

std::thread start_named_thread(const std::string& name, std::move_only_function<void()> run) {
  // Windows tells a program of Ctrl-C and its like on a thread of their own; there is nothing to hold off.
  return std::thread([shown = name, work = std::move(run)]() mutable {
    pthread_setname_np(pthread_self(), shown.c_str());
    work();
  });
}

}  // namespace busrt::base
