// What the agent tells a collector on `control.collector.committed`: up to where the store has its events.
//
// {"epoch":1763940000000000,"seq":4711,"credit":65536}, published for the one collector (publish-for).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "busrt/base/result.hpp"

namespace daemoneye::events {

/// A position up to which a run of a collector is stored, and what the collector may publish beyond it.
struct Committed {
  std::uint64_t epoch = 0;  ///< the run of the collector
  std::uint64_t seq = 0;    ///< every record up to this one is in the store; 0: none yet
  /// The most records beyond `seq` that the collector may publish; empty: no limit.
  std::optional<std::uint64_t> credit{};
  friend bool operator==(const Committed&, const Committed&) = default;
};

/// Returns the message as JSON text.
[[nodiscard]] std::string encode_committed(const Committed& committed);

/// Reads the message. Fields that it does not know are ignored.
/// Errors: errc::malformed, with a message that names the field.
[[nodiscard]] busrt::base::Result<Committed> decode_committed(std::string_view text);

}  // namespace daemoneye::events
