// The loop's sleep on Linux: epoll for descriptors, an eventfd for wake-ups from other threads.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include "transport/event_loop.hpp"
#include "transport/poller.hpp"

namespace busrt::transport {

namespace {

/// Descriptors handled per batch: enough to amortise the wait, few enough that the first is not kept waiting.
constexpr int max_events = 128;

epoll_event event_for(Watcher* watcher, Interest interest) noexcept {
  epoll_event event{};
  event.events = (interest.read ? static_cast<std::uint32_t>(EPOLLIN) : 0U) |
                 (interest.write ? static_cast<std::uint32_t>(EPOLLOUT) : 0U);
  event.data.ptr = watcher;
  return event;
}

class Epoll final : public Poller {
 public:
  Epoll() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    epoll_event event = event_for(nullptr, {.read = true, .write = false});
    if (epoll_ < 0 || wake_ < 0 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) != 0) {
      const int error = errno;
      if (epoll_ >= 0) ::close(epoll_);
      if (wake_ >= 0) ::close(wake_);
      throw std::system_error(error, std::generic_category(), "cannot create an event loop");
    }
  }
  ~Epoll() override {
    ::close(epoll_);
    ::close(wake_);
  }
  Epoll(const Epoll&) = delete;
  Epoll& operator=(const Epoll&) = delete;

  Result<> watch(int descriptor, Watcher& watcher, Interest interest) {
    epoll_event event = event_for(&watcher, interest);
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) {
      return base::fail_errno(errno, "cannot watch a descriptor");
    }
    std::erase(gone_, &watcher);
    return {};
  }
  void change(int descriptor, Watcher& watcher, Interest interest) {
    epoll_event event = event_for(&watcher, interest);
    ::epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event);
  }
  void unwatch(int descriptor, Watcher& watcher) {
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
    if (in_batch_) gone_.push_back(&watcher);
  }

  void wait(std::chrono::milliseconds timeout) override {
    count_ = ::epoll_wait(epoll_, events_.data(), max_events, static_cast<int>(timeout.count()));
  }

  [[nodiscard]] bool found_any() const noexcept override { return count_ > 0; }

  void dispatch() override {
    const BatchEnd end{*this};
    in_batch_ = true;
    for (int i = 0; i < count_; ++i) {
      const auto& event = events_[static_cast<std::size_t>(i)];
      if (event.data.ptr == nullptr) {
        std::uint64_t value = 0;
        [[maybe_unused]] const auto got = ::read(wake_, &value, sizeof value);
        continue;
      }
      auto* watcher = static_cast<Watcher*>(event.data.ptr);
      if (!gone_.empty() && std::find(gone_.begin(), gone_.end(), watcher) != gone_.end()) continue;
      const bool hung_up = (event.events & (EPOLLHUP | EPOLLERR)) != 0;
      watcher->on_ready((event.events & EPOLLIN) != 0, (event.events & EPOLLOUT) != 0, hung_up);
    }
  }

  void wake() override {
    const std::uint64_t one = 1;
    // Fails only when the counter is full, and then the loop wakes anyway.
    [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
  }

 private:
  /// However the batch ends, by an exception as well.
  struct BatchEnd {
    Epoll& of;
    explicit BatchEnd(Epoll& epoll) noexcept : of(epoll) {}
    BatchEnd(const BatchEnd&) = delete;
    BatchEnd& operator=(const BatchEnd&) = delete;
    ~BatchEnd() {
      of.in_batch_ = false;
      of.gone_.clear();
    }
  };

  int epoll_;
  int wake_;
  std::array<epoll_event, max_events> events_{};
  int count_ = 0;
  std::vector<Watcher*> gone_;  // unwatched within the current batch
  bool in_batch_ = false;
};

}  // namespace

std::unique_ptr<Poller> make_poller() {
  return std::make_unique<Epoll>();
}

// Every loop of this system has the poller of this file.
Result<> EventLoop::watch(int descriptor, Watcher& watcher, Interest interest) {
  return static_cast<Epoll&>(*poller_).watch(descriptor, watcher, interest);
}
void EventLoop::change(int descriptor, Watcher& watcher, Interest interest) {
  static_cast<Epoll&>(*poller_).change(descriptor, watcher, interest);
}
void EventLoop::unwatch(int descriptor, Watcher& watcher) {
  static_cast<Epoll&>(*poller_).unwatch(descriptor, watcher);
}

}  // namespace busrt::transport
