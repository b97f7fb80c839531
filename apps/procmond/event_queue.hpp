// Kernel events between the socket and their handling, with a look ahead: what becomes of this process later?
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>

#include "kernel_event.hpp"
#include "limits.hpp"

namespace procmond {

/// Bounded. Used by one thread.
class EventQueue {
 public:
  explicit EventQueue(std::size_t capacity = limits::queued_events) : capacity_(capacity) {}

  [[nodiscard]] bool empty() const noexcept { return events_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return events_.size(); }
  [[nodiscard]] std::size_t room() const noexcept {
    return events_.size() < capacity_ ? capacity_ - events_.size() : 0;
  }

  /// Whoever pushes looks at room() first.
  void push(const KernelEvent& event);
  /// The oldest event; the queue must not be empty.
  KernelEvent pop();

  /// Whether the queue still holds an exec, or the end, of this process: then what /proc shows now is not, or
  /// no longer, what it was at the event in hand.
  [[nodiscard]] bool holds_exec(Pid pid) const;
  [[nodiscard]] bool holds_exit(Pid pid) const;

 private:
  struct Ahead {
    std::uint32_t execs = 0;
    std::uint32_t exits = 0;
  };
  static bool counts(const KernelEvent& event) noexcept;

  std::size_t capacity_;
  std::deque<KernelEvent> events_;
  boost::unordered_flat_map<Pid, Ahead> ahead_;
};

}  // namespace procmond
