#include "broker/shard_thread.hpp"

#include <pthread.h>

#include <utility>

namespace busrt::broker {

std::thread start_shard_thread(const std::string& name, std::function<void()> run) {
  // Windows tells a program of Ctrl-C and its like on a thread of their own; there is nothing to hold off.
  return std::thread([shown = name, work = std::move(run)] {
    pthread_setname_np(pthread_self(), shown.c_str());
    work();
  });
}

}  // namespace busrt::broker
