#include "broker/shard.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include "broker/core_rpc.hpp"
#include "busrt/base/named_thread.hpp"

namespace busrt::broker {

namespace {

/// Deadlines are checked this often: a sixteenth of the timeout is precise enough for all of them.
std::chrono::milliseconds tick_interval(const BrokerConfig& config) {
  using namespace std::chrono_literals;
  return std::clamp(std::min(config.timeout, config.stall_limit) / 16, 5ms, 250ms);
}

}  // namespace

Shard::Shard(Core& core, std::size_t index)
    : core_(core),
      index_(index),
      loop_(tick_interval(core.config)),
      routes_(core.registry, turn_),
      delivery_(core, *this),
      access_(core.access.get()),
      scratch_(std::make_unique_for_overwrite<std::byte[]>(limits::read_chunk_bytes)),
      last_tick_(std::chrono::steady_clock::now()) {}

Shard::~Shard() {
  join();
}

void Shard::start() {
  thread_ = base::start_named_thread("busrt-shard-" + std::to_string(index_), [this] { loop_.run(*this); });
}

void Shard::join() {
  if (!thread_.joinable()) return;
  loop_.stop();
  thread_.join();
}

void Shard::post_session(std::unique_ptr<transport::Stream> stream, AdmissionTicket ticket) {
  loop_.post([this, taken = std::move(stream), place = std::move(ticket)]() mutable {
    adopt(std::move(taken), std::move(place));
  });
}

void Shard::adopt(std::unique_ptr<transport::Stream> stream, AdmissionTicket ticket) {
  std::unique_ptr<Session> session;
  try {
    reserve_for_one_more();
    session = std::make_unique<Session>(*this, std::move(stream), std::move(ticket));
  } catch (const std::exception&) {
    core_.counters.count_closed(CloseReason::fault);
    throw;
  }
  session->slot = sessions_.size();
  sessions_.push_back(std::move(session));
  sessions_.back()->open();
  if (drained_) sessions_.back()->close(CloseReason::shutdown);
}

/// The batch's lists hold every session, so that to mark one never needs memory.
void Shard::reserve_for_one_more() {
  const std::size_t wanted = sessions_.size() + 1;
  const auto grow = [wanted](auto& list) {
    if (list.capacity() < wanted) list.reserve(std::max(wanted, list.capacity() * 2));
  };
  for (auto* list : {&dirty_, &patient_, &overdue_, &closing_, &ending_}) grow(*list);
  for (auto* list : {&resumable_, &resuming_}) grow(*list);
  grow(sessions_);
}

void Shard::fault(const std::exception& what) noexcept {
  try {
    core_.peer_log.write(LineCause::fault, base::LogLevel::error,
                         std::string("something was left undone: ") + what.what());
  } catch (const std::exception&) {
    std::fputs("busrt: something was left undone, and the log failed as well\n", stderr);
  }
}

void Shard::remove(Session& session) {
  const std::size_t slot = session.slot;
  std::swap(sessions_[slot], sessions_.back());
  sessions_[slot]->slot = slot;
  sessions_.pop_back();
}

void Shard::post_access_change() {
  if (access_change_posted_.exchange(true, std::memory_order_acq_rel)) return;
  loop_.post([this] {
    access_change_posted_.store(false, std::memory_order_release);
    keep_up_with_access();
  });
}

void Shard::take_up_access() {
  access_ = core_.access.get();
  for (const auto& session : sessions_) session->apply_access();
}

// ---- the batch ----

void Shard::mark_dirty(Session& session) {
  if (std::exchange(session.dirty, true)) return;
  dirty_.push_back(&session);
}

void Shard::mark_patient(Session& session) {
  if (session.dirty || std::exchange(session.patient, true)) return;
  patient_.push_back(&session);
}

bool Shard::wants_company() {
  if (patient_.empty()) return false;
  std::swap(overdue_, patient_);
  return true;
}

void Shard::company_came(bool any, std::chrono::steady_clock::duration taken) {
  patience_.learn(any, taken);
}

void Shard::flush_overdue() {
  for (Session* session : overdue_) {
    session->patient = false;
    if (!session->closing()) session->flush();
  }
  overdue_.clear();
}

void Shard::flush_dirty() {
  // Flushing may wake publishers or end sessions, both of which are only noted here; it queues nothing.
  for (Session* session : dirty_) {
    session->dirty = false;
    if (!session->closing()) session->flush();
  }
  dirty_.clear();
}

void Shard::resume_waiting() {
  std::swap(resuming_, resumable_);
  for (const EndpointRef& endpoint : resuming_) {
    if (endpoint->session != nullptr) endpoint->session->resume();
  }
  resuming_.clear();
}

void Shard::finish_closing() {
  std::swap(ending_, closing_);
  for (Session* session : ending_) {
    session->finish();
    if (session->dirty) std::erase(dirty_, session);
    if (session->patient) {
      std::erase(patient_, session);
      std::erase(overdue_, session);
    }
    remove(*session);
  }
  ending_.clear();
}

void Shard::deliver_announcements() {
  std::vector<Announcement> pending;
  std::swap(pending, announcements_);
  for (const Announcement& announcement : pending) {
    try {
      deliver(announcement);
    } catch (const std::exception& what) {
      fault(what);
    }
  }
}

void Shard::deliver(const Announcement& announcement) {
  const Route* route = routes_.topic(announcement.topic);
  if (route == nullptr) return;
  OutgoingFrame frame;
  frame.kind = FrameKind::publish;
  frame.sender = broker_name;
  frame.topic = announcement.topic;
  frame.payload = announcement.payload.data();
  core_.own.count_answer(frame.payload.size());
  delivery_.deliver(*route, frame, FullPolicy::drop, LossCause::broker_event);
}

void Shard::end_of_batch() {
  flush_overdue();
  // Each step can give work to another; a publisher resumed here has only what it had already sent, so this
  // ends.
  std::optional<bool> hurry;
  do {
    flush_dirty();
    if (!patient_.empty()) {
      if (!hurry) hurry = drained_ || !patience_.worth_waiting();
      if (*hurry) std::swap(overdue_, patient_);
      flush_overdue();
    }
    if (!resumable_.empty()) resume_waiting();
    if (!closing_.empty()) finish_closing();
    if (!announcements_.empty()) deliver_announcements();
    delivery_.send_forwards();
  } while (!dirty_.empty() || !resumable_.empty() || !closing_.empty() || !announcements_.empty());
  relieved_at_ = 0;
  if (drained_) check_drained();
}

// ---- memory ----

void Shard::relieve_now() {
  MemoryBudget& budget = core_.memory;
  // Asking costs a walk over all clients: once in a batch, and again when matters have become much worse.
  if (relieved_at_ != 0 && budget.used() < relieved_at_ + budget.limit() / 16) return;
  flush_dirty();
  if (budget.exceeded()) {
    // Who has not registered has the least to lose, but only where that is enough; else who holds most.
    const std::uint64_t excess = budget.used() - budget.limit();
    const auto found = core_.admission->relieve(excess, false);
    std::size_t evicted = found.evicted;
    if (found.bytes < excess) {
      const auto holders = core_.registry.choose_evictions(excess - found.bytes);
      for (const EndpointRef& holder : holders.clients) close_anywhere(holder, CloseReason::over_memory);
      const std::uint64_t rest = excess - std::min(excess, holders.bytes);
      if (rest > found.bytes) evicted = core_.admission->relieve(rest, true).evicted;
    }
    if (evicted != 0) log_evicted(evicted);
  }
  relieved_at_ = budget.used();
}

void Shard::log_evicted(std::size_t connections) {
  core_.peer_log.write(LineCause::eviction, base::LogLevel::warn,
                       "over the memory limit, " + std::to_string(core_.memory.limit()) + " bytes for all: " +
                           std::to_string(connections) + " connections that have not registered are closed");
}

void Shard::sweep_soon() {
  if (!core_.registry.has_departed() || std::exchange(sweep_posted_, true)) return;
  loop_.post([this] {
    sweep_posted_ = false;
    if (core_.registry.sweep()) sweep_soon();
  });
}

void Shard::tick(std::chrono::steady_clock::time_point now) {
  const auto interval = tick_interval(core_.config);
  const auto lateness = now - std::exchange(last_tick_, now) - interval;
  if (lateness > interval) {
    for (const auto& session : sessions_) session->excuse(lateness);
  }
  for (std::size_t i = 0; i < sessions_.size(); ++i) sessions_[i]->tick(now);
  // Transports charge memory too, and cannot relieve it.
  relieve_memory();
  if (index_ == 0) core_.peer_log.tick(now);
  for (const auto& callback : tick_callbacks_) callback();
}

// ---- other shards ----

void Shard::post_to(std::size_t shard, EndpointRef endpoint, std::function<void(Endpoint&)> action) {
  core_.shards[shard]->post([target = std::move(endpoint), run = std::move(action)] { run(*target); });
}

void Shard::forward(std::size_t shard, ForwardBatch batch) {
  Shard& target = *core_.shards[shard];
  target.post([&target, taken = std::move(batch)]() mutable { target.delivery_.receive(std::move(taken)); });
}

void Shard::wait_for(const EndpointRef& receiver, const EndpointRef& publisher, std::size_t frame_bytes) {
  const auto wait = [this, publisher, frame_bytes](Endpoint& endpoint) {
    Shard& owner = *core_.shards[endpoint.shard];
    if (endpoint.session == nullptr || endpoint.session->closing() ||
        (endpoint.shard != publisher->shard && owner.delivery_.make_room(endpoint, frame_bytes))) {
      // It has ended or drained while the question was on its way.
      owner.resume_anywhere(publisher);
      return;
    }
    endpoint.session->add_waiter(publisher, frame_bytes);
  };
  if (receiver->shard == index_) {
    wait(*receiver);
  } else {
    post_to(receiver->shard, receiver, wait);
  }
}

void Shard::resume_anywhere(EndpointRef publisher) {
  if (publisher->shard == index_) {
    resumable_.push_back(std::move(publisher));
    return;
  }
  Shard& target = *core_.shards[publisher->shard];
  target.post([&target, endpoint = std::move(publisher)]() mutable {
    target.resumable_.push_back(std::move(endpoint));
  });
}

void Shard::resume_next_turn(const EndpointRef& endpoint) {
  loop_.post([this, endpoint] { resumable_.push_back(endpoint); });
}

void Shard::close_anywhere(const EndpointRef& endpoint, CloseReason reason) {
  const auto close = [reason](Endpoint& target) {
    if (target.session != nullptr) target.session->close(reason);
  };
  if (endpoint->shard == index_) {
    close(*endpoint);
  } else {
    post_to(endpoint->shard, endpoint, close);
  }
}

void Shard::announce(std::string_view topic, std::string_view subject, std::string_view client) {
  announcements_.push_back({topic, encode_broker_event(subject, client)});
}

// ---- shutdown ----

void Shard::drain(std::function<void()> done) {
  drained_ = std::move(done);
  for (const auto& session : sessions_) session->stop_reading();
}

void Shard::check_drained() {
  if (!std::ranges::all_of(sessions_, [](const auto& session) { return session->drained(); })) return;
  // Kept set, since it also says that new connections are turned away; called once.
  const auto done = std::exchange(drained_, [] {});
  done();
}

void Shard::close_all(CloseReason reason) {
  for (const auto& session : sessions_) session->close(reason);
}

}  // namespace busrt::broker
