// The access rules and the revocations in force, handed from the broker's owner to the shards.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "busrt/access.hpp"
#include "transport/tls/revocations.hpp"

namespace busrt::broker {

/// Thread-safe. Shards keep their own copy and compare generations, so that no frame takes the lock.
class AccessStore {
 public:
  struct Rules {
    std::shared_ptr<const AccessRules> rules;  ///< null: everything is allowed
    /// Those that came after a client's handshake, which has seen earlier ones; null: there are none.
    std::shared_ptr<const transport::Revocations> revocations;
    std::uint64_t generation = 0;
  };

  explicit AccessStore(std::shared_ptr<const AccessRules> rules) : rules_(std::move(rules)) {}

  /// Changes after other rules can be had from get(), never before.
  [[nodiscard]] std::uint64_t generation() const noexcept {
    return generation_.load(std::memory_order_acquire);
  }
  [[nodiscard]] Rules get() const {
    const std::lock_guard lock(mutex_);
    return {rules_, revocations_, generation_.load(std::memory_order_relaxed)};
  }
  void set(std::shared_ptr<const AccessRules> rules) {
    const std::lock_guard lock(mutex_);
    rules_ = std::move(rules);
    generation_.fetch_add(1, std::memory_order_release);
  }
  void set(std::shared_ptr<const transport::Revocations> revocations) {
    const std::lock_guard lock(mutex_);
    revocations_ = std::move(revocations);
    generation_.fetch_add(1, std::memory_order_release);
  }

 private:
  mutable std::mutex mutex_;
  std::atomic<std::uint64_t> generation_{0};
  std::shared_ptr<const AccessRules> rules_;
  std::shared_ptr<const transport::Revocations> revocations_;
};

}  // namespace busrt::broker
