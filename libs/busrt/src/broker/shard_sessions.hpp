// The sessions of one shard, and the order of work in a batch.
//
// The event loop reports readiness to sessions and runs mail. At the end of each batch, this class writes
// what was queued, lets blocked publishers continue, takes down sessions that have ended, delivers
// announcements and sends frames to other shards, until nothing is left to do.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "broker/admission.hpp"
#include "broker/core.hpp"
#include "broker/session.hpp"
#include "broker/session_services.hpp"
#include "broker/shard.hpp"
#include "transport/event_loop.hpp"
#include "transport/stream.hpp"

namespace busrt::broker {

/// Everything here runs on the shard's thread, except post_session(), post_access_change(), start() and
/// join().
class ShardSessions final : public transport::LoopOwner {
 public:
  /// The core outlives it.
  ShardSessions(Core& core, std::size_t index);
  ~ShardSessions() override;

  /// Runs the shard's loop on a thread of its own.
  void start() { shard_.start(*this); }
  void join() { shard_.join(); }
  /// For a program that runs the loop by hand. False when there was nothing to do.
  bool turn() { return shard_.loop().turn(*this); }
  [[nodiscard]] Shard& shard() noexcept { return shard_; }

  /// Takes over a new connection. Thread-safe.
  void post_session(std::unique_ptr<transport::Stream> stream, AdmissionTicket ticket);
  /// The access rules have changed. Thread-safe; many changes at once are one piece of mail.
  void post_access_change();

  /// Publishes an event of the broker itself, at the end of the batch.
  void announce(std::string_view topic, std::string_view subject, std::string_view client) {
    services_.announcer.announce(topic, subject, client);
  }
  /// Stops reading; `done` is called once when every queue is written out.
  void drain(std::function<void()> done);
  void close_all(CloseReason reason);

  // transport::LoopOwner
  void end_of_batch() override;
  [[nodiscard]] bool has_deferred_output() override;
  void spin_ended(bool any, std::chrono::steady_clock::duration taken) override;
  void tick(std::chrono::steady_clock::time_point now) override;
  void fault(const std::exception& what) noexcept override;

 private:
  void adopt(std::unique_ptr<transport::Stream> stream, AdmissionTicket ticket);
  void reserve_for_one_more();
  void resume_waiting();
  void finish_closing();
  void remove(Session& session);
  void check_drained();

  Core& core_;
  Shard& shard_;
  SessionServices services_;
  std::vector<std::unique_ptr<Session>> sessions_;
  ClosingList ending_;                 // those of the shard's list that are being taken down
  std::vector<EndpointRef> resuming_;  // those of the shard's list that continue now
  std::function<void()> drained_;
  std::chrono::steady_clock::time_point last_tick_;
  std::atomic<bool> access_change_posted_{false};
};

/// Those of all shards of one broker, by index.
using ShardSessionsTable = std::vector<std::unique_ptr<ShardSessions>>;

}  // namespace busrt::broker
