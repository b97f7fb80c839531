// The counts of the look-ahead follow push and pop; a process without pending events has no entry.
#include "event_queue.hpp"

namespace procmond {

bool EventQueue::counts(const KernelEvent& event) noexcept {
  return !event.of_thread() &&
         (event.kind == KernelEvent::Kind::exec || event.kind == KernelEvent::Kind::exit);
}

void EventQueue::push(const KernelEvent& event) {
  events_.push_back(event);
  if (!counts(event)) return;
  Ahead& ahead = ahead_[event.tgid];
  ++(event.kind == KernelEvent::Kind::exec ? ahead.execs : ahead.exits);
}

KernelEvent EventQueue::pop() {
  const KernelEvent event = events_.front();
  events_.pop_front();
  if (!counts(event)) return event;
  const auto found = ahead_.find(event.tgid);
  Ahead& ahead = found->second;
  --(event.kind == KernelEvent::Kind::exec ? ahead.execs : ahead.exits);
  if (ahead.execs == 0 && ahead.exits == 0) ahead_.erase(found);
  return event;
}

bool EventQueue::holds_exec(Pid pid) const {
  const auto found = ahead_.find(pid);
  return found != ahead_.end() && found->second.execs != 0;
}

bool EventQueue::holds_exit(Pid pid) const {
  const auto found = ahead_.find(pid);
  return found != ahead_.end() && found->second.exits != 0;
}

}  // namespace procmond
