// `.broker` `access.explain`: what the access rules in force decide about a client, an operation and a
// target.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "broker/core.hpp"
#include "broker/packer.hpp"

namespace busrt::broker {

/// Params: a map with the strings client, operation and target, and, for a client that is not connected, its
/// uid, gid, host and certificate as far as they are to be assumed. Packs
/// `{allowed: bool, verdict: string, file: string, line: integer (0: none), text: a sentence}`, or returns
/// what is wrong with the params. Safe for any input and from any shard.
[[nodiscard]] std::optional<std::string> pack_access_decision(Packer& packer, const Core& core,
                                                              std::span<const std::byte> params);

}  // namespace busrt::broker
