// Connecting and ending: the life of a client around its connections.
#include "client/client_core.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "client/refusal.hpp"
#include "wire/names.hpp"

namespace busrt::detail {

namespace {

Result<> check_client_name(const std::string& name) {
  if (name.empty()) return fail(errc::data, "a client needs a name");
  if (name.size() > limits::max_name_bytes) {
    return fail(errc::data, "client name longer than " + std::to_string(limits::max_name_bytes) + " bytes");
  }
  if (name.front() == '.') return fail(errc::data, "client name begins with a dot: " + name);
  if (!wire::valid_name(name)) return fail(errc::data, "client name is not UTF-8 text");
  return {};
}

}  // namespace

std::shared_ptr<ClientCore> ClientCore::make(Executor executor, ClientConfig config) {
  auto core = std::make_shared<ClientCore>(std::move(executor), std::move(config));
  ContextService::add(core->executor_, core);
  return core;
}

ClientCore::ClientCore(Executor executor, ClientConfig config)
    : executor_(std::move(executor)),
      config_(std::move(config)),
      status_(executor_),
      schedule_(config_.reconnect, config_.timeout),
      send_(config_, stats_),
      lingering_(config_.timeout),
      keepalive_(config_.timeout),
      inbox_(config_.queue_frames, config_.queue_bytes),
      timer_(executor_) {}

boost::asio::any_io_executor executor_of(const ClientCore& core) noexcept {
  return core.executor();
}

bool ClientCore::connected() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::up && !send_.draining();
}

ClientStats ClientCore::stats() const {
  const std::lock_guard lock(mutex_);
  ClientStats stats = stats_;
  stats.queued_frames = inbox_.size();
  send_.add_to(stats);
  return stats;
}

ConnectionStatus ClientCore::status() const {
  return status_.status();
}
void ClientCore::on_state(StatusNotifier::Handler handler) {
  status_.set_handler(std::move(handler));
}
void ClientCore::wait_state_change(std::uint64_t seen, Completion<Result<ConnectionStatus>> done) {
  status_.wait(seen, std::move(done));
}

void ClientCore::log(base::LogLevel level, const std::string& line) const {
  if (!config_.log) return;
  // The sink is the application's and may ask this client something; the lock is held here.
  boost::asio::post(executor_, [sink = config_.log, level, text = "client " + config_.name + ": " + line] {
    sink(level, text);
  });
}

void ClientCore::connect(Completion<Result<>> done) {
  const auto named = check_client_name(config_.name);
  Lock lock(mutex_);
  if (state_ == State::closed) {
    done.post(fail(errc::closed));
    return;
  }
  if (state_ != State::idle) {
    done.post(fail(errc::other, resuming() ? "the client is on its way to a new connection by itself"
                                           : "the client is connected or connecting already"));
    return;
  }
  if (!named) {
    done.post(named);
    return;
  }
  const std::uint64_t ticket = ++connect_call_.ticket;
  if (done.cancellable()) {
    done.on_cancel([weak = weak_from_this(), ticket] {
      const auto self = weak.lock();
      if (!self) return;
      const Lock cancel_lock(self->mutex_);
      if (self->connect_call_.ticket != ticket || !self->connect_call_.done) return;
      self->finish_by_owner(
          {std::make_error_code(std::errc::operation_canceled), "connecting was cancelled"});
    });
  }
  connect_call_.done = std::move(done);
  schedule_.begin(Clock::now());
  begin_attempt(lock);
}

void ClientCore::disconnect(std::chrono::milliseconds drain, Completion<Result<>> done) {
  Lock lock(mutex_);
  if (state_ == State::closed || send_.draining()) {
    done.post(fail(errc::closed));
    return;
  }
  if (!established()) {
    if (state_ != State::idle) finish_by_owner({errc::closed, "disconnected"});
    done.post({});
    return;
  }
  const auto deadline = Clock::now() + drain;
  send_.begin_drain(deadline, std::move(done));
  finish_drain_if_empty();
  if (!send_.draining()) return;
  arm_timer_by(deadline);
  if (!send_.buffer().queued().empty()) flush_now(lock);
}

void ClientCore::finish_drain_if_empty() {
  if (send_.drained()) finish_by_owner({errc::closed, "disconnected"});
}

void ClientCore::end(const Connection* from, DisconnectReason reason, const Error& why) {
  const Error told = reason == DisconnectReason::refused ? explain_refusal(why, config_) : why;
  const Lock lock(mutex_);
  if (connection_.get() == from) fail_connection(reason, told);
}

void ClientCore::notify_listener(const Error& why) {
  if (auto listener = inbox_.listener()) {
    boost::asio::post(executor_, [told = std::move(listener), why] { told->connection_ended(why); });
  }
}

void ClientCore::finish_by_owner(const Error& why) {
  if (connection_) ++stats_.disconnects[static_cast<std::size_t>(DisconnectReason::owner)];
  last_end_ = {DisconnectReason::owner, why.code, why.message};
  drop_connection(ClientLoss::unacked_closed);
  finish(why);
}

/// The end of what connect() began, with the connection gone already: everything pending completes.
void ClientCore::finish(const Error& why) {
  const bool was_established = established();
  const std::size_t operations_left = send_.operations();
  // First the status: a handler that is called for the end may ask for it at once.
  state_ = State::idle;
  report_status(ConnectionState::disconnected);
  Error unacknowledged = why;
  if (last_end_.reason == DisconnectReason::closed_by_broker)
    unacknowledged.message += " before it confirmed the operation; its log may say why";
  send_.fail_all(why, unacknowledged);
  if (connect_call_.done) connect_call_.done.post(std::unexpected(why));
  send_.finish_drain(why, operations_left);
  // For receive(), a timeout means that no frame has come yet, so the end needs another code.
  const Error end = why.code == errc::timeout ? Error(errc::io, why.message) : why;
  inbox_.fail_pending(end);
  notify_listener(end);
  if (was_established) inbox_.connections_ended(end);
  subscriptions_.clear();
  restoration_.finish();
}

void ClientCore::close() {
  // First, because what the handler captured may go together with the client.
  status_.remove_handler();
  const Lock lock(mutex_);
  if (state_ == State::closed) return;
  finish_by_owner({errc::closed});
  state_ = State::closed;
  inbox_.connections_ended({errc::closed});
  status_.close();
}

void ClientCore::abandon() noexcept {
  // Everything that could own this client, and everything that needs the context, goes outside the lock.
  std::shared_ptr<OpenAttempt> attempt;
  std::shared_ptr<Connection> connection;
  Completion<Result<>> connect_done;
  SendPath::Abandoned operations;
  Inbox::Abandoned receives;
  std::optional<boost::asio::steady_timer> timer;
  {
    const Lock lock(mutex_);
    state_ = State::closed;
    ++generation_;
    attempt = std::move(attempt_);
    connection = std::move(connection_);
    connect_done = std::move(connect_call_.done);
    operations = send_.abandon();
    receives = inbox_.abandon();
    timer = timer_.abandon();
  }
  // A read that is outstanding on in-process pipes is held by the pipes alone, and holds the connection.
  if (connection) connection->stream().abandon();
  status_.abandon();
}

}  // namespace busrt::detail
