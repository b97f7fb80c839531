// What the whole broker knows of one connected client. The session behind it belongs to one shard; this is
// the part that the other shards may hold and look at.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "broker/memory.hpp"
#include "busrt/broker_reasons.hpp"
#include "busrt/protocol.hpp"
#include "transport/stream.hpp"

namespace busrt::broker {

class SessionOutput;

/// A counter that one thread writes and others read: no locked instruction.
class Counter {
 public:
  void add(std::uint64_t amount) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  void subtract(std::uint64_t amount) noexcept { add(~amount + 1); }
  [[nodiscard]] std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Numbers of one client, written by its own shard.
struct Traffic {
  Counter frames_in, bytes_in, frames_out, bytes_out;
  Counter lost[loss_causes];
  Counter holds;
  Counter denied;
};

/// How full a client's outbound queue is. Its own shard keeps `local`; other shards reserve room in `remote`
/// before they send a frame over, so a full queue is known, and an ack can be given, without asking the
/// owner. With several shards the limit may be passed by one frame for each of them.
struct QueueDepth {
  Counter local_frames, local_bytes;
  std::atomic<std::uint64_t> remote_frames{0}, remote_bytes{0};

  [[nodiscard]] std::uint64_t frames() const noexcept {
    return local_frames.get() + remote_frames.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t bytes() const noexcept {
    return local_bytes.get() + remote_bytes.load(std::memory_order_relaxed);
  }
};

/// What other shards want of a session. They set it before they send mail, and the session's shard takes it
/// when the mail arrives, or at its next tick if there was no memory for the mail. So a request may be late,
/// and is never lost.
class EndpointRequests {
 public:
  void request_close(CloseReason reason) noexcept { close_.store(reason, std::memory_order_release); }
  [[nodiscard]] CloseReason close_requested() const noexcept {
    return close_.load(std::memory_order_acquire);
  }
  void request_resume() noexcept { resume_.store(true, std::memory_order_release); }
  /// True once for each request.
  [[nodiscard]] bool take_resume() noexcept {
    return resume_.load(std::memory_order_relaxed) && resume_.exchange(false, std::memory_order_acq_rel);
  }

 private:
  std::atomic<CloseReason> close_{CloseReason::none};
  std::atomic<bool> resume_{false};
};

class Endpoint : public std::enable_shared_from_this<Endpoint> {
 public:
  Endpoint(std::string client_name, std::size_t shard_index, transport::Peer client_peer,
           SessionOutput* own_output, std::shared_ptr<MemoryAccount> memory_account)
      : name(std::move(client_name)),
        shard(shard_index),
        peer(std::move(client_peer)),
        account(std::move(memory_account)),
        output(own_output) {}

  [[nodiscard]] std::string_view primary() const noexcept { return primary_name(name); }
  [[nodiscard]] bool is_primary() const noexcept { return primary().size() == name.size(); }

  const std::string name;
  const std::size_t shard;
  const transport::Peer peer;
  const std::shared_ptr<MemoryAccount> account;
  /// Only for the owner shard's thread; null once the session has ended.
  SessionOutput* output;

  QueueDepth depth;
  Traffic traffic;
  EndpointRequests requests;
  /// Set by the owner before the session ends: frames sent to it from now on are lost, and counted by the
  /// sender.
  std::atomic<bool> closed{false};

  // Guarded by the registry's mutex.
  std::uint32_t id = 0;
  bool registered = false;
  std::size_t patterns = 0;       ///< subscriptions and exclusions
  std::size_t pattern_bytes = 0;  ///< what the account was charged for them
  std::size_t secondaries = 0;
};

using EndpointRef = std::shared_ptr<Endpoint>;

}  // namespace busrt::broker
