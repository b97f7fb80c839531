#include "busrt/base/named_thread.hpp"

#include <pthread.h>

#include <csignal>
#include <utility>

namespace busrt::base {

namespace {

/// The kernel's limit, its final zero aside.
constexpr std::size_t max_name_bytes = 15;

/// A new thread inherits the mask.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~AllSignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

std::thread start_named_thread(const std::string& name, std::move_only_function<void()> run) {
  // The program's signals are its own.
  const AllSignalsBlocked blocked;
  return std::thread([shown = name.substr(0, max_name_bytes), work = std::move(run)]() mutable {
    pthread_setname_np(pthread_self(), shown.c_str());
    work();
  });
}

}  // namespace busrt::base
