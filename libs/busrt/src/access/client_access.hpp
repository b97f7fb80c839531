// What one connected client may do, with the answers kept: clients mostly do the same things again.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "busrt/access.hpp"
#include "routing/keyed_hash.hpp"

namespace busrt::access {

/// Belongs to one thread. Keeps the rules alive.
class ClientAccess {
 public:
  /// `entry` is the one that applies to the client, and lives as long as this or is one of the rules'.
  ClientAccess(std::shared_ptr<const AccessRules> rules, const AccessEntry& entry)
      : rules_(std::move(rules)), entry_(&entry) {}

  struct Answer {
    bool allowed = false;
    bool fresh = false;  ///< not remembered from before
  };
  /// Allowed is also a target that the bus takes from nobody, so that its own check says so.
  [[nodiscard]] Answer ask(AccessOperation operation, std::string_view target) {
    Answers& answers = answers_[static_cast<std::size_t>(operation)];
    if (answers.last != nullptr && answers.last->first == target) return {answers.last->second, false};
    return look_up(answers, operation, target);
  }

  /// Grants that a target which is not remembered is compared with.
  [[nodiscard]] std::size_t grants(AccessOperation operation) const noexcept;

  /// What the remembered answers take, about.
  [[nodiscard]] std::size_t bytes() const noexcept {
    std::size_t sum = 0;
    for (const Answers& answers : answers_) sum += answers.bytes;
    return sum;
  }

 private:
  /// An entry of the table besides its text: node, hash and bucket.
  static constexpr std::size_t entry_bytes = 80;

  struct Hash {
    using is_transparent = void;
    // Keyed: the client chooses the texts, and its loop serves others.
    std::size_t operator()(std::string_view text) const noexcept { return routing::keyed_hash(text); }
  };
  using Table = std::unordered_map<std::string, bool, Hash, std::equal_to<>>;
  struct Answers {
    Table table;
    const Table::value_type* last = nullptr;
    std::size_t bytes = 0;
  };
  Answer look_up(Answers& answers, AccessOperation operation, std::string_view target);

  std::shared_ptr<const AccessRules> rules_;
  const AccessEntry* entry_;
  std::array<Answers, 5> answers_;  // by AccessOperation
};

}  // namespace busrt::access
