// What peers make the broker hold, in bytes: a budget of the whole broker, and each session's account in it.
//
// Accounts are charged where memory is taken in steps (a queue's chunk, the buffer of a frame that is being
// gathered, a pattern), not per frame, so the hot path pays one uncontended addition for some hundred frames.
#pragma once

#include <atomic>
#include <cassert>
#include <cstdint>
#include <mutex>

#include "transport/memory_meter.hpp"

namespace busrt::broker {

/// Thread-safe.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::uint64_t limit) noexcept : limit_(limit) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  void add(std::uint64_t bytes) noexcept { used_.fetch_add(bytes, std::memory_order_relaxed); }
  void subtract(std::uint64_t bytes) noexcept { used_.fetch_sub(bytes, std::memory_order_relaxed); }

  [[nodiscard]] std::uint64_t used() const noexcept { return used_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t limit() const noexcept { return limit_; }
  [[nodiscard]] bool exceeded() const noexcept { return used() > limit_; }
  /// Held while a shard chooses whom to close: two that choose at once would close twice as many.
  [[nodiscard]] std::mutex& choosing() noexcept { return choosing_; }

 private:
  const std::uint64_t limit_;
  std::atomic<std::uint64_t> used_{0};
  std::mutex choosing_;
};

/// One session's part of the budget. Thread-safe: a session's patterns may be taken away by another shard.
class MemoryAccount final : public transport::MemoryMeter {
 public:
  explicit MemoryAccount(MemoryBudget& budget) noexcept : budget_(budget) {}
  MemoryAccount(const MemoryAccount&) = delete;
  MemoryAccount& operator=(const MemoryAccount&) = delete;
  /// Everything that was charged must have been given back.
  ~MemoryAccount() override { assert(owned_.load() == 0 && shared_.load() == 0); }

  void add(std::uint64_t bytes) noexcept override {
    owned_.fetch_add(bytes, std::memory_order_relaxed);
    budget_.add(bytes);
  }
  void subtract(std::uint64_t bytes) noexcept override {
    owned_.fetch_sub(bytes, std::memory_order_relaxed);
    budget_.subtract(bytes);
  }
  /// Bytes of frames that several queues share. They stand in the budget once, by themselves, and in the
  /// account of everybody who holds them up.
  void add_shared(std::uint64_t bytes) noexcept { shared_.fetch_add(bytes, std::memory_order_relaxed); }
  void subtract_shared(std::uint64_t bytes) noexcept { shared_.fetch_sub(bytes, std::memory_order_relaxed); }
  /// What being connected costs now, whatever the client does. One caller at a time.
  void set_connection(std::uint64_t bytes) noexcept {
    const std::uint64_t before = connection_.exchange(bytes, std::memory_order_relaxed);
    if (bytes > before) {
      add(bytes - before);
    } else {
      subtract(before - bytes);
    }
  }

  /// What the client has made the broker hold besides.
  [[nodiscard]] std::uint64_t beyond_connection() const noexcept {
    const std::uint64_t all = used();
    const std::uint64_t connection = connection_.load(std::memory_order_relaxed);
    return all > connection ? all - connection : 0;
  }
  [[nodiscard]] std::uint64_t used() const noexcept {
    return owned_.load(std::memory_order_relaxed) + shared_.load(std::memory_order_relaxed);
  }

 private:
  MemoryBudget& budget_;
  std::atomic<std::uint64_t> owned_{0};
  std::atomic<std::uint64_t> shared_{0};
  std::atomic<std::uint64_t> connection_{0};  // part of owned_
};

}  // namespace busrt::broker
