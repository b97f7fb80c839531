// The heart of access/decide.cpp, for callers that have found a client's entry already.
#pragma once

#include <string_view>

#include "busrt/access.hpp"

namespace busrt::access {

/// The grant of the entry that admits the target, or nullptr.
[[nodiscard]] const AccessGrant* admitting_grant(const AccessEntry& entry, AccessOperation operation,
                                                 std::string_view target) noexcept;

/// What the broker gives every client whatever the rules say: its own subscription to .broker/warn.
[[nodiscard]] bool always_granted(AccessOperation operation, std::string_view target) noexcept;

/// What the broker takes from nobody, whatever the rules say: publications on its own topics.
[[nodiscard]] bool never_granted(AccessOperation operation, std::string_view target) noexcept;

/// nullptr, or what makes the target one that the bus does not take in any case.
[[nodiscard]] const char* target_problem(AccessOperation operation, std::string_view target) noexcept;

}  // namespace busrt::access
