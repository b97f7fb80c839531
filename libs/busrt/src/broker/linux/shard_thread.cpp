#include "broker/shard_thread.hpp"

#include <pthread.h>

#include <utility>

#include "base/signal_free_thread.hpp"

namespace busrt::broker {

namespace {
/// The kernel's limit, its final zero aside.
constexpr std::size_t max_name_bytes = 15;
}  // namespace

std::thread start_shard_thread(const std::string& name, std::function<void()> run) {
  return base::start_signal_free_thread([shown = name.substr(0, max_name_bytes), work = std::move(run)] {
    pthread_setname_np(pthread_self(), shown.c_str());
    work();
  });
}

}  // namespace busrt::broker
