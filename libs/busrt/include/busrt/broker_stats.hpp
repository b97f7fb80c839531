// What a broker counts: in all (BrokerStats), and for each client (ClientInfo).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "busrt/broker_reasons.hpp"
#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt {

/// A broker's counters since its start, and what it holds now.
struct BrokerStats {
  std::chrono::seconds uptime{};         ///< time since its start
  std::uint64_t frames_in = 0;           ///< frames from clients, without pings
  std::uint64_t bytes_in = 0;            ///< bytes on the wire, headers included
  std::uint64_t frames_out = 0;          ///< frames queued for clients, acks included
  std::uint64_t bytes_out = 0;           ///< bytes on the wire, headers included
  std::uint64_t lost[loss_causes] = {};  ///< lost frames by LossCause
  std::uint64_t holds = 0;               ///< times that a publisher was blocked by a full receiver
  /// Times that a session used up its turn and gave way to the other sessions of its shard.
  std::uint64_t yields = 0;
  std::uint64_t closed[close_reasons] = {};     ///< closed connections by CloseReason
  std::uint64_t refused[refusal_reasons] = {};  ///< refused connections by RefusalReason
  std::uint64_t denied = 0;  ///< operations that access rules denied; each pattern of a subscribe counts
  /// Subscriptions removed because new access rules no longer grant them.
  std::uint64_t subscriptions_revoked = 0;
  std::uint64_t patterns_refused = 0;  ///< subscribe and exclude operations over a limit of patterns
  std::uint64_t refused_lines = 0;     ///< lines of fifos that are not a valid command
  std::uint64_t accept_pauses = 0;     ///< times that a listener paused for lack of descriptors or memory
  std::uint64_t memory_bytes = 0;      ///< bytes held for clients now
  std::uint64_t memory_limit = 0;      ///< BrokerConfig::memory_bytes
  std::size_t connections = 0;         ///< connections now, without in-process ones
  std::size_t clients = 0;             ///< registered clients now, secondaries included

  /// Returns how many connections were closed for this reason.
  [[nodiscard]] std::uint64_t closed_for(CloseReason reason) const noexcept {
    return closed[static_cast<std::size_t>(reason)];
  }
};

/// A registered primary client. The numbers include its secondaries.
struct ClientInfo {
  std::string name;                   ///< the name under which it registered
  std::string_view kind;              ///< "internal", "local_ipc", "tcp" or "websocket"
  std::optional<std::string> source;  ///< the peer's network address, if it has one
  std::optional<std::string> port;    ///< the peer's port, or the path of its socket
  std::uint64_t frames_in = 0;        ///< frames from it, without pings
  std::uint64_t bytes_in = 0;         ///< bytes from it, headers included
  std::uint64_t frames_out = 0;       ///< frames queued for it, acks included
  std::uint64_t bytes_out = 0;        ///< bytes queued for it, headers included
  /// Lost frames to this client; frames from it where the LossCause says so.
  std::uint64_t lost[loss_causes] = {};
  std::uint64_t holds = 0;         ///< times that this client was blocked by a full receiver
  std::uint64_t memory_bytes = 0;  ///< bytes held for it now
  std::optional<int> pid;          ///< the process id that the kernel reports; local clients only
  std::optional<unsigned> uid;     ///< the user id that the kernel reports; local clients only
  std::size_t queue = 0;           ///< frames in its queue now
  std::size_t instances = 1;       ///< the primary and its secondaries
  std::uint64_t denied = 0;  ///< operations that access rules denied; each pattern of a subscribe counts

  /// Returns the sum over all causes.
  [[nodiscard]] std::uint64_t total_lost() const noexcept {
    std::uint64_t sum = 0;
    for (const std::uint64_t frames : lost) sum += frames;
    return sum;
  }
};

}  // namespace busrt
BUSRT_API_END
