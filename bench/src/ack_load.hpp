// A broker's share of operations with acks, and nothing else: requests come in, acks go out.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "ack_io.hpp"

namespace bench {

inline constexpr std::size_t request_bytes = 60;
inline constexpr std::size_t ack_bytes = 6;

/// How the server waits when there is nothing to do.
enum class Waiting {
  sleeps,        ///< at once
  as_the_broker  ///< looks again for a while, and keeps acks for one more batch, where that has paid (ADR
                 ///< 0006)
};

struct ServerKind {
  IoKind io;
  Waiting waiting;
  /// Looks before it yields the processor as well as after. A server whose sends wait for the next look
  /// always does.
  bool looks_first;
  /// What the broker itself does for an operation takes so long.
  std::chrono::nanoseconds work;
};

/// Answers each request with an ack, until a client closes its connection. Counts its batches.
void serve_acks(std::span<const int> sockets, const ServerKind& kind, std::atomic<std::uint64_t>& batches);

struct ClientRun {
  std::size_t operations = 0;
  double seconds = 0;
  std::vector<double> round_trips;  ///< microseconds, of every eighth operation
};

struct ClientKind {
  IoKind io;
  std::size_t window;             ///< requests that each client keeps unanswered
  std::chrono::nanoseconds work;  ///< the client's own, for an operation
};

/// Clients, all in this thread. A run continues where the one before has ended.
class AckClients {
 public:
  AckClients(std::span<const int> sockets, const ClientKind& kind);
  ~AckClients();
  AckClients(const AckClients&) = delete;
  AckClients& operator=(const AckClients&) = delete;
  [[nodiscard]] ClientRun run(std::chrono::duration<double> time);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace bench
