// What an event loop sleeps in: epoll on Linux, a completion port on Windows.
#pragma once

#include <chrono>
#include <memory>

namespace busrt::transport {

/// Belongs to one event loop; wake() may be called from any thread, all else from the loop's own.
class Poller {
 public:
  virtual ~Poller() = default;

  /// Sleeps until something is ready, wake() is called (or was, since the last wait) or the time is over.
  virtual void wait(std::chrono::milliseconds timeout) = 0;
  /// Whether the last wait() found anything, wake-ups included.
  [[nodiscard]] virtual bool found_any() const noexcept = 0;
  /// Tells those concerned what the last wait() found.
  virtual void dispatch() = 0;
  virtual void wake() = 0;
};

/// Throws std::system_error when the system has no room for another.
[[nodiscard]] std::unique_ptr<Poller> make_poller();

}  // namespace busrt::transport
