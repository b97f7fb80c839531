#include "base/signal_free_thread.hpp"

#include <pthread.h>

#include <csignal>
#include <utility>

namespace base {

namespace {

/// A new thread has the mask of the one that starts it, from its first moment on.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

std::thread start_signal_free_thread(std::move_only_function<void()> run) {
  const BlockedSignals blocked;
  return std::thread(std::move(run));
}

}  // namespace base
