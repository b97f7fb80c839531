// There are no signals that a thread could take.
#include "base/signal_free_thread.hpp"

#include <utility>

namespace base {

std::thread start_signal_free_thread(std::move_only_function<void()> run) {
  return std::thread(std::move(run));
}

}  // namespace base
