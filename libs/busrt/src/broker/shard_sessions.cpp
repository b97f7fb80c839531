#include "broker/shard_sessions.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include "broker/grow.hpp"

namespace busrt::broker {

ShardSessions::ShardSessions(Core& core, std::size_t index)
    : core_(core),
      shard_(*core.shards[index]),
      services_(core, shard_),
      last_tick_(std::chrono::steady_clock::now()) {
  services_.rules.on_change([this] {
    for (const auto& session : sessions_) session->apply_new_rules();
  });
}

ShardSessions::~ShardSessions() {
  join();
}

void ShardSessions::post_session(std::unique_ptr<transport::Stream> stream, AdmissionTicket ticket) {
  shard_.post([this, taken = std::move(stream), place = std::move(ticket)]() mutable {
    adopt(std::move(taken), std::move(place));
  });
}

void ShardSessions::adopt(std::unique_ptr<transport::Stream> stream, AdmissionTicket ticket) {
  std::unique_ptr<Session> session;
  try {
    reserve_for_one_more();
    session = std::make_unique<Session>(services_, std::move(stream), std::move(ticket));
  } catch (const std::exception&) {
    core_.counters.count_closed(CloseReason::fault);
    throw;
  }
  session->end().slot = sessions_.size();
  sessions_.push_back(std::move(session));
  sessions_.back()->open();
  if (drained_) sessions_.back()->end().close(CloseReason::shutdown);
}

/// The batch's lists hold every session, so that to mark one never needs memory.
void ShardSessions::reserve_for_one_more() {
  const std::size_t wanted = sessions_.size() + 1;
  shard_.reserve(wanted);
  grow(ending_, wanted);
  grow(resuming_, wanted);
  grow(sessions_, wanted);
}

void ShardSessions::remove(Session& session) {
  const std::size_t slot = session.end().slot;
  std::swap(sessions_[slot], sessions_.back());
  sessions_[slot]->end().slot = slot;
  sessions_.pop_back();
}

void ShardSessions::fault(const std::exception& what) noexcept {
  try {
    core_.peer_log.write(LineCause::fault, base::LogLevel::error,
                         std::string("something was left undone: ") + what.what());
  } catch (const std::exception&) {
    std::fputs("busrt: something was left undone, and the log failed as well\n", stderr);
  }
}

void ShardSessions::post_access_change() {
  if (access_change_posted_.exchange(true, std::memory_order_acq_rel)) return;
  try {
    shard_.post([this] {
      access_change_posted_.store(false, std::memory_order_release);
      services_.rules.refresh();
    });
  } catch (const std::exception&) {
    access_change_posted_.store(false, std::memory_order_release);
    throw;
  }
}

// ---- the batch ----

bool ShardSessions::has_deferred_output() {
  FlushSchedule& flushes = shard_.flushes();
  if (!flushes.has_deferred()) return false;
  flushes.end_deferral();
  return true;
}

void ShardSessions::spin_ended(bool any, std::chrono::steady_clock::duration taken) {
  shard_.flushes().spin().record(any, taken);
}

void ShardSessions::resume_waiting() {
  shard_.take_resumable(resuming_);
  for (const EndpointRef& endpoint : resuming_) {
    if (endpoint->output != nullptr) sessions_[endpoint->output->end().slot]->resume();
  }
  resuming_.clear();
}

void ShardSessions::finish_closing() {
  std::swap(ending_, shard_.closing());
  for (SessionEnd* const end : ending_) {
    Session& session = *sessions_[end->slot];
    session.finish();
    shard_.flushes().forget(session.output());
    remove(session);
  }
  ending_.clear();
}

void ShardSessions::end_of_batch() {
  FlushSchedule& flushes = shard_.flushes();
  shard_.flush_overdue();
  // Each step can give work to another; a publisher resumed here has only what it had already sent, so this
  // ends.
  std::optional<bool> hurry;
  do {
    shard_.flush_marked();
    if (flushes.has_deferred()) {
      if (!hurry) hurry = drained_ || !flushes.spin().should_spin();
      if (*hurry) flushes.end_deferral();
      shard_.flush_overdue();
    }
    if (shard_.has_resumable()) resume_waiting();
    if (!shard_.closing().empty()) finish_closing();
    if (services_.announcer.pending()) {
      services_.announcer.deliver([this](const std::exception& what) { fault(what); });
    }
    services_.forwarder.send([this](const std::exception& what) { fault(what); });
  } while (flushes.has_marked() || shard_.has_resumable() || !shard_.closing().empty() ||
           services_.announcer.pending());
  services_.evictor.end_of_batch();
  if (drained_) check_drained();
}

void ShardSessions::tick(std::chrono::steady_clock::time_point now) {
  const auto interval = shard_.tick_interval();
  const auto lateness = now - std::exchange(last_tick_, now) - interval;
  if (lateness > interval) {
    for (const auto& session : sessions_) session->extend_deadlines(lateness);
  }
  for (std::size_t i = 0; i < sessions_.size(); ++i) sessions_[i]->tick(now);
  // Transports charge memory too, and cannot evict.
  services_.evictor.enforce_budget();
  if (shard_.index() == 0) core_.peer_log.tick(now);
  shard_.run_tick_callbacks();
}

// ---- shutdown ----

void ShardSessions::drain(std::function<void()> done) {
  drained_ = std::move(done);
  for (const auto& session : sessions_) session->stop_reading();
}

void ShardSessions::check_drained() {
  if (!std::ranges::all_of(sessions_, [](const auto& session) { return session->output().empty(); })) return;
  // Kept set, since it also says that new connections are turned away; called once.
  const auto done = std::exchange(drained_, [] {});
  done();
}

void ShardSessions::close_all(CloseReason reason) {
  for (const auto& session : sessions_) session->end().close(reason);
}

}  // namespace busrt::broker
