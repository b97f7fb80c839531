// What the checks know: what was asked of clients, what they answered, and what they received. Nothing of
// what goes on within a client or a broker.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <system_error>
#include <vector>

#include "busrt/client_status.hpp"
#include "busrt/protocol.hpp"

namespace busrt::simulation {

/// Counts everything that is recorded, so that of any two events it is known which came first.
using Stamp = std::uint64_t;
inline constexpr Stamp never = std::numeric_limits<Stamp>::max();

struct Interval {
  Stamp from = 0;
  Stamp to = never;
  [[nodiscard]] bool covers(const Interval& other) const noexcept {
    return from <= other.from && other.to <= to;
  }
  [[nodiscard]] bool overlaps(const Interval& other) const noexcept {
    return from <= other.to && other.from <= to;
  }
};

/// One pattern that a client has asked for (or excluded): when the broker may have had it, and when it
/// certainly had it, for as long as the client was connected.
struct PatternRecord {
  std::string pattern;
  std::vector<Interval> possible;
  std::vector<Interval> certain;
};

/// A connection of a receiver.
struct Presence {
  std::uint32_t life = 0;
  std::uint32_t wire = 0;
  std::uint32_t primary_wire = 0;  ///< of a secondary's primary, with whom it goes; else zero
};

struct Operation {
  std::uint32_t number = 0;  ///< ascends over all clients; zero is nobody's
  std::uint32_t life = 0;    ///< the sender
  Op op = Op::publish;
  QoS qos = QoS::no;
  std::string target;
  std::string receiver;               ///< publish_for
  std::vector<std::string> patterns;  ///< of the topic operations
  std::size_t size = 0;               ///< of the payload

  Stamp begun = 0;
  Stamp ended = never;
  std::error_code result;  ///< once ended
  bool abandoned = false;  ///< its client crashed before it ended

  std::uint32_t wire = 0;                ///< the sender's connection at the beginning; zero: none
  std::uint64_t connections_before = 0;  ///< that the sender had had at the beginning
  std::uint64_t connections_after = 0;   ///< and at the end
  std::vector<Presence> present;         ///< at the beginning
  /// Who must have it: subscribed and connected throughout.
  std::vector<Presence> expected;
  std::vector<std::uint16_t> copies;  ///< received, by life

  [[nodiscard]] bool is_data() const noexcept {
    return op == Op::publish || op == Op::publish_for || op == Op::message || op == Op::broadcast;
  }
  [[nodiscard]] std::uint32_t copies_at(std::uint32_t at) const noexcept {
    return at < copies.size() ? copies[at] : 0U;
  }
};

/// A client from its creation to its end.
struct LifeRecord {
  std::uint32_t number = 0;
  std::string name;
  std::vector<PatternRecord> subscribed;
  std::vector<PatternRecord> excluded;
  std::vector<std::uint32_t> last_from;   ///< by sender's life: the number of the last frame
  std::vector<std::uint32_t> repeats_of;  ///< by sender's life: how often its numbers went back
  std::vector<std::uint32_t> unfenced;  ///< operations without ack of which it is not known that they arrived
  std::uint64_t received = 0;
  std::uint64_t accepted_without_ack = 0;
  std::uint32_t pending = 0;
  bool ended = false;
  bool crashed = false;
  ClientStats last_stats;  ///< at its end
};

}  // namespace busrt::simulation
