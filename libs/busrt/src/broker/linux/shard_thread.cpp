#include "broker/shard_thread.hpp"

#include <pthread.h>

#include <csignal>
#include <utility>

namespace busrt::broker {

namespace {
/// The kernel's limit, its final zero aside.
constexpr std::size_t max_name_bytes = 15;
}  // namespace

std::thread start_shard_thread(const std::string& name, std::function<void()> run) {
  // The host program's signals are its own: this thread takes none.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread([shown = name.substr(0, max_name_bytes), work = std::move(run)] {
    pthread_setname_np(pthread_self(), shown.c_str());
    work();
  });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace busrt::broker
