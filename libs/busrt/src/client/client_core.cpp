// Connecting and ending: the life of a client around its connections.
#include "client/client_core.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "wire/codec.hpp"
#include "wire/names.hpp"

namespace busrt::detail {

std::shared_ptr<ClientCore> ClientCore::make(Executor executor, ClientConfig config) {
  auto core = std::make_shared<ClientCore>(std::move(executor), std::move(config));
  ContextService::add(core->executor_, core);
  return core;
}

ClientCore::ClientCore(Executor executor, ClientConfig config)
    : executor_(std::move(executor)),
      config_(std::move(config)),
      events_(config_.queue_frames, config_.queue_bytes),
      timer_(std::in_place, executor_) {}

boost::asio::any_io_executor executor_of(const ClientCore& core) noexcept {
  return core.executor();
}

bool ClientCore::connected() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::up;
}

ClientStats ClientCore::stats() const {
  const std::lock_guard lock(mutex_);
  ClientStats stats = stats_;
  stats.queued_frames = events_.size();
  stats.outgoing_bytes = outgoing_bytes();
  stats.unconfirmed = confirmations_.size();
  return stats;
}

void ClientCore::log(base::LogLevel level, const std::string& line) const {
  if (!config_.log) return;
  // The sink is the application's and may ask this client something; the lock is held here.
  boost::asio::post(executor_, [sink = config_.log, level, text = "client " + config_.name + ": " + line] {
    sink(level, text);
  });
}

Result<> ClientCore::check_name() const {
  if (config_.name.empty()) return fail(errc::data, "a client needs a name");
  if (config_.name.size() > limits::max_name_bytes) {
    return fail(errc::data, "client name longer than " + std::to_string(limits::max_name_bytes) + " bytes");
  }
  if (config_.name.front() == '.') return fail(errc::data, "client name begins with a dot: " + config_.name);
  if (!wire::valid_name(config_.name)) return fail(errc::data, "client name is not UTF-8 text");
  return {};
}

void ClientCore::connect(Completion<Result<>> done) {
  const auto named = check_name();
  std::uint64_t generation = 0;
  {
    const Lock lock(mutex_);
    if (state_ != State::idle || !named) {
      if (state_ == State::closed) {
        done.post(fail(errc::closed));
      } else if (state_ != State::idle) {
        done.post(fail(errc::other, "the client is connected or connecting already"));
      } else {
        done.post(named);
      }
      return;
    }
    state_ = State::connecting;
    generation = ++generation_;
    if (done.cancellable()) {
      done.on_cancel([weak = weak_from_this(), generation] {
        const auto self = weak.lock();
        if (!self) return;
        const Lock cancel_lock(self->mutex_);
        if (self->generation_ == generation && self->state_ == State::connecting) {
          self->end_locked({std::make_error_code(std::errc::operation_canceled), "connecting was cancelled"});
        }
      });
    }
    connecting_ = std::move(done);
    step_deadline_ = Clock::now() + config_.timeout;
    start_timer(step_deadline_);
  }
  // Not under the lock: the attempt may end on another thread before this call does.
  auto attempt = open_stream(executor_, config_,
                             [self = shared_from_this(), generation](Result<std::unique_ptr<Stream>> stream) {
                               self->opened(generation, std::move(stream));
                             });
  Lock lock(mutex_);
  if (generation_ == generation && !connection_) {
    attempt_ = std::move(attempt);
  } else if (generation_ != generation) {
    lock.unlock();
    attempt->cancel();
  }
}

void ClientCore::opened(std::uint64_t generation, Result<std::unique_ptr<Stream>> stream) {
  std::shared_ptr<Connection> connection;
  {
    const Lock lock(mutex_);
    if (generation_ != generation) return;
    attempt_.reset();
    if (!stream) {
      end_locked(stream.error());
      return;
    }
    connection_ = std::make_shared<Connection>(shared_from_this(), *std::move(stream), config_.name,
                                               config_.max_body_bytes);
    connection = connection_;
    step_deadline_ = Clock::now() + config_.timeout;
  }
  connection->read();
}

void ClientCore::registered(const Connection* from) {
  const Lock lock(mutex_);
  if (connection_.get() != from || state_ != State::connecting) return;
  state_ = State::up;
  next_tick_ = Clock::now() + tick_interval();
  silent_ticks_ = 0;
  heard_ = sent_ = true;
  start_timer(next_tick_);
  connecting_.post({});
}

void ClientCore::disconnect(std::chrono::milliseconds drain, Completion<Result<>> done) {
  const Lock lock(mutex_);
  if (state_ == State::closed || state_ == State::draining) {
    done.post(fail(errc::closed));
    return;
  }
  if (state_ != State::up) {
    if (state_ == State::connecting) end_locked({errc::closed});
    done.post({});
    return;
  }
  state_ = State::draining;
  disconnecting_ = std::move(done);
  drain_deadline_ = Clock::now() + drain;
  finish_drain_if_empty();
  if (state_ == State::draining) start_timer(std::min(drain_deadline_, next_tick_));
}

void ClientCore::finish_drain_if_empty() {
  if (state_ != State::draining || outgoing_bytes() != 0 || !blocked_.empty() || confirmations_.size() != 0)
    return;
  end_locked({errc::closed, "disconnected"});
}

void ClientCore::end(const Connection* from, Error why) {
  const Lock lock(mutex_);
  if (connection_.get() == from) end_locked(why);
}

void ClientCore::drop_outgoing(const Error& why) {
  if (outgoing_bytes() != 0) {
    log(base::LogLevel::warn,
        std::to_string(outgoing_bytes()) + " bytes accepted and not written: " + why.describe());
  }
  stats_.unsent_bytes += outgoing_bytes();
  queued_.release();
  in_flight_ = 0;
  lane_busy_ = flush_posted_ = false;
  for (auto& waiting : confirmations_.take_all()) {
    if (waiting.done) waiting.done.post(std::unexpected(why));
  }
  for (auto& waiting : std::exchange(blocked_, {})) {
    if (waiting.done) waiting.done.post(std::unexpected(why));
  }
  for (auto& waiter : std::exchange(writable_waiters_, {})) waiter.post(std::unexpected(why));
}

void ClientCore::end_locked(const Error& why) {
  const bool was_up = state_ == State::up || state_ == State::draining;
  ++generation_;
  if (attempt_) std::exchange(attempt_, nullptr)->cancel();
  if (auto connection = std::exchange(connection_, nullptr)) connection->stream().close();
  if (timer_) timer_->cancel();
  const std::size_t unsent = outgoing_bytes();
  if (was_up && why.code != errc::closed) log(base::LogLevel::warn, "connection ended: " + why.describe());
  drop_outgoing(why);
  if (connecting_) connecting_.post(std::unexpected(why));
  if (disconnecting_) {
    const auto code = why.code == errc::closed ? make_error_code(errc::timeout) : why.code;
    disconnecting_.post(unsent == 0 ? Result<>() : fail(code, std::to_string(unsent) + " bytes not written"));
  }
  if (frame_waiter_) frame_waiter_.post(std::unexpected(why));
  if (batch_waiter_) batch_waiter_.post(std::unexpected(why));
  if (auto listener = listener_ ? listener_->lock() : nullptr) {
    boost::asio::post(executor_, [told = std::move(listener), why] { told->connection_ended(why); });
  }
  reading_paused_ = false;
  if (was_up) ended_ = why;
  if (state_ != State::closed) state_ = State::idle;
}

void ClientCore::close() {
  const Lock lock(mutex_);
  if (state_ == State::closed) return;
  end_locked({errc::closed});
  state_ = State::closed;
  ended_ = {errc::closed};
}

void ClientCore::abandon() noexcept {
  // Everything that could own this client, and everything that needs the context, goes outside the lock.
  std::shared_ptr<OpenAttempt> attempt;
  std::shared_ptr<Connection> connection;
  std::vector<Completion<Result<>>> completions;
  std::vector<Unconfirmed> unconfirmed;
  std::deque<Blocked> blocked;
  Completion<Result<Frame>> frame_waiter;
  Completion<Result<std::vector<Frame>>> batch_waiter;
  std::optional<boost::asio::steady_timer> timer;
  {
    const Lock lock(mutex_);
    state_ = State::closed;
    ++generation_;
    attempt = std::move(attempt_);
    connection = std::move(connection_);
    completions = std::exchange(writable_waiters_, {});
    completions.push_back(std::move(connecting_));
    completions.push_back(std::move(disconnecting_));
    unconfirmed = confirmations_.take_all();
    blocked = std::exchange(blocked_, {});
    frame_waiter = std::move(frame_waiter_);
    batch_waiter = std::move(batch_waiter_);
    timer.swap(timer_);
  }
}

}  // namespace busrt::detail
