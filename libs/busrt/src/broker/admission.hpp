// The limits on connections: in all, of one user, and on the memory that connections cost.
//
// A connection is admitted with a ticket, which lives as long as the connection. A connection that has not
// registered may be evicted: the oldest first.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "broker/memory.hpp"
#include "busrt/broker_reasons.hpp"
#include "busrt/limits.hpp"
#include "transport/stream.hpp"

namespace busrt::broker {

/// What being connected costs, in bytes: from accept on, and once the client has registered.
struct ConnectionCost {
  std::uint64_t unregistered = limits::connection_bytes;
  std::uint64_t registered = limits::connection_bytes;
};
inline constexpr ConnectionCost plain_connection{};
inline constexpr ConnectionCost tls_connection{limits::connection_bytes + limits::tls_handshake_memory_bytes,
                                               limits::connection_bytes + limits::tls_connection_bytes};
[[nodiscard]] constexpr ConnectionCost websocket_connection(bool secure) noexcept {
  if (!secure) {
    return {limits::connection_bytes + limits::websocket_connection_bytes,
            limits::connection_bytes + limits::websocket_connection_bytes};
  }
  constexpr std::size_t more = limits::websocket_connection_bytes + limits::websocket_tls_bytes;
  return {tls_connection.unregistered + more, tls_connection.registered + more};
}

class Admitted;
/// The session holds it, and for a WebSocket the gateway.
using AdmissionTicket = std::shared_ptr<Admitted>;

/// Thread-safe.
class Admission : public std::enable_shared_from_this<Admission> {
 public:
  /// `per_uid` 0: no limit. The budget outlives every ticket.
  Admission(std::size_t connections, std::size_t per_uid, MemoryBudget& budget) noexcept
      : limit_(connections), per_uid_(per_uid), budget_(budget) {}

  /// In-process peers are the owner's own and never refused.
  [[nodiscard]] std::expected<AdmissionTicket, RefusalReason> admit(const transport::Peer& peer,
                                                                    ConnectionCost cost);

  /// A connection that was refused before it came here, or ended before it became a session.
  void count(RefusalReason reason);

  /// The memory that becomes free, in bytes, and the connections that were asked to end for it.
  struct Eviction {
    std::uint64_t bytes = 0;
    std::size_t evicted = 0;
  };
  /// Returns what connections hold that are ending already, those among them that were evicted.
  [[nodiscard]] std::uint64_t ending_bytes() const;
  /// Evicts connections that have not registered, the oldest first, until `wanted` bytes become free, and
  /// none that was evicted already. If all together hold less than `wanted`, it evicts none, unless
  /// `even_too_few`.
  Eviction evict_unregistered(std::uint64_t wanted, bool even_too_few);

  [[nodiscard]] std::size_t connections() const;
  /// Refusals by RefusalReason so far.
  [[nodiscard]] std::array<std::uint64_t, refusal_reasons> refused() const;

 private:
  friend class Admitted;
  std::unexpected<RefusalReason> refuse(RefusalReason reason);
  void release_locked(std::optional<unsigned> uid);

  const std::size_t limit_;
  const std::size_t per_uid_;
  MemoryBudget& budget_;
  mutable std::mutex mutex_;
  std::size_t connections_ = 0;
  std::unordered_map<unsigned, std::size_t> of_uid_;
  std::array<std::uint64_t, refusal_reasons> refused_{};
  std::list<Admitted*> unregistered_;  // oldest first
  std::list<Admitted*> ending_;
};

/// One connection's place among all, given back with the last ticket. Thread-safe.
class Admitted {
 public:
  Admitted(std::shared_ptr<Admission> admission, const transport::Peer& peer, ConnectionCost cost);
  Admitted(const Admitted&) = delete;
  Admitted& operator=(const Admitted&) = delete;
  ~Admitted();

  [[nodiscard]] const std::shared_ptr<MemoryAccount>& account() const noexcept { return account_; }

  /// How to end the connection if its memory is needed before it has registered: called on any thread, at
  /// most once, at once where that has been decided already.
  void on_eviction(std::function<void()> end);
  void registered();
  /// Its session has ended; what it still holds is given back soon.
  void ending();

 private:
  friend class Admission;
  void leave_list_locked();

  const std::shared_ptr<Admission> admission_;
  const std::shared_ptr<MemoryAccount> account_;
  const ConnectionCost cost_;
  const std::optional<unsigned> uid_;
  const bool counted_;

  // Guarded by the admission's mutex.
  std::list<Admitted*>* list_ = nullptr;
  std::list<Admitted*>::iterator in_list_;
  std::function<void()> end_;
  bool evicted_ = false;
};

}  // namespace busrt::broker
