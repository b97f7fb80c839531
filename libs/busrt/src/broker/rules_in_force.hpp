// The access rules that a shard's sessions are under: the shard's own copy of what the broker's owner has
// set.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "broker/access_store.hpp"
#include "busrt/access.hpp"
#include "transport/tls/revocations.hpp"

namespace busrt::broker {

/// Belongs to one shard's thread.
class RulesInForce {
 public:
  /// The store must outlive it.
  explicit RulesInForce(const AccessStore& store) : store_(store), current_(store.get()) {}

  /// Called after newer rules have been taken over. It applies them to the sessions.
  void on_change(std::function<void()> apply) { apply_ = std::move(apply); }
  /// Takes over rules that were set meanwhile. If there are none, this is one comparison.
  void refresh() {
    if (store_.generation() != current_.generation) [[unlikely]]
      take_over();
  }

  /// Null: there are none, and everything is allowed.
  [[nodiscard]] const std::shared_ptr<const AccessRules>& rules() const noexcept { return current_.rules; }
  /// Revocations that came while the shard's sessions were there; null: none.
  [[nodiscard]] const std::shared_ptr<const transport::Revocations>& revocations() const noexcept {
    return current_.revocations;
  }

 private:
  void take_over() {
    current_ = store_.get();
    if (apply_) apply_();
  }

  const AccessStore& store_;
  AccessStore::Rules current_;
  std::function<void()> apply_;
};

}  // namespace busrt::broker
