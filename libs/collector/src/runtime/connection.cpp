// The runtime's connection to its bus: reconnecting, heartbeats, and giving up.

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "daemoneye/events/committed.hpp"
#include "daemoneye/events/topics.hpp"
#include "runtime/runtime_impl.hpp"

namespace daemoneye::collector {

namespace asio = boost::asio;

namespace {

/// How often an idle collector asks its sources how they are. A lost connection it is told of at once.
constexpr std::chrono::milliseconds source_check{250};

std::int64_t milliseconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

}  // namespace

asio::awaitable<RunEnd> Runtime::Impl::serve(Ptr self) {
  auto bus_seen = Clock::now();
  self->rpc_->client().on_state([weak = std::weak_ptr(self)](const busrt::ConnectionStatus& /*status*/) {
    if (const auto told = weak.lock()) told->follow_client();
  });
  while (!self->stop_requested_) {
    if (self->start_fault_) std::rethrow_exception(self->start_fault_);
    if (!self->connected_) {
      const auto absent = Clock::now() - bus_seen;
      if (absent >= self->config_.bus_absence) {
        self->log(busrt::base::LogLevel::error,
                  fmt::format("no bus for {} ms: a collector does not run without its agent, ending",
                              milliseconds(absent)));
        self->end_attempt_->emit(asio::cancellation_type::terminal);
        co_return RunEnd::bus_gone;
      }
      self->keep_connecting();
      co_await wait(
          self, std::min<Clock::duration>(self->until_next_attempt(), self->config_.bus_absence - absent));
      continue;
    }
    bus_seen = Clock::now();
    self->publish_health_if_due();
    const auto beat = self->next_heartbeat_ - Clock::now();
    co_await wait(self, std::min<Clock::duration>(beat, source_check));
  }
  co_return RunEnd::requested;
}

void Runtime::Impl::keep_connecting() {
  const bool idle = rpc_->client().status().state == busrt::ConnectionState::disconnected;
  if (attempting_ || !idle || Clock::now() < next_attempt_) return;
  attempting_ = true;
  rpc_->connect(asio::bind_cancellation_slot(
      end_attempt_->slot(), asio::bind_executor(executor_, [weak = weak_from_this(), signal = end_attempt_](
                                                               const busrt::Result<>& result) {
        if (const auto self = weak.lock()) self->attempt_ended(result);
      })));
}

Runtime::Impl::Clock::duration Runtime::Impl::until_next_attempt() const {
  // A change of the client's state wakes the loop earlier.
  const auto pause = next_attempt_ - Clock::now();
  return !attempting_ && pause > Clock::duration::zero() ? pause : source_check;
}

void Runtime::Impl::attempt_ended(const busrt::Result<>& result) {
  attempting_ = false;
  if (result) {
    backoff_.reset();
    // The client restores it for the connections that follow.
    listen_for_commits();
    follow_client();
  } else if (result.error().code != std::errc::operation_canceled) {
    next_attempt_ = Clock::now() + backoff_.next(0);
    no_bus(result.error().describe());
  }
  wake();
}

void Runtime::Impl::no_bus(const std::string& why) {
  log(busrt::base::LogLevel::debug, "bus: " + why);
  if (std::exchange(absence_logged_, true)) return;
  log(busrt::base::LogLevel::warn, "cannot reach the bus: " + why);
}

void Runtime::Impl::follow_client() {
  if (phase_ == Phase::ended) return;
  using busrt::ConnectionState;
  // The present state, because what a handler is told may be late.
  const auto status = rpc_->client().status();
  const bool up = status.state == ConnectionState::connected;
  const std::string why = up                       ? "another connection has taken its place"
                          : status.message.empty() ? status.error.message()
                                                   : status.message;
  if (connected_ && (!up || status.connections != connection_)) {
    lost_connection(why);
    // There may be a new connection already.
    asio::post(executor_, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->follow_client();
    });
  } else if (up && !connected_) {
    connection_ = status.connections;
    connected_ = true;
    absence_logged_ = false;
    log(busrt::base::LogLevel::info, "connected to the bus as " + config_.name);
    next_heartbeat_ = Clock::now();
    publisher_->resume();
    wake();
  } else if (status.state == ConnectionState::connecting && status.retry_in.count() != 0) {
    no_bus(why);
  }
}

asio::awaitable<void> Runtime::Impl::wait(Ptr self, Clock::duration longest) {
  if (!self->woken_) {
    self->changed_.expires_after(longest);
    boost::system::error_code ignored;
    co_await self->changed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  self->woken_ = false;
}

void Runtime::Impl::wake() {
  woken_ = true;
  changed_.cancel();
}

void Runtime::Impl::lost_connection(const std::string& reason) {
  if (!std::exchange(connected_, false)) return;
  publisher_->suspend();
  const auto queued = outbox_->with([](const Outbox& outbox) { return outbox.queued(); });
  log(busrt::base::LogLevel::warn,
      fmt::format("lost the bus: {}; {} for it to come back", reason,
                  queued == 1 ? "1 record waits" : fmt::format("{} records wait", queued)));
  absence_logged_ = true;
  wake();
}

void Runtime::Impl::note_late() {
  late_lines_.write(
      busrt::base::LogLevel::warn,
      fmt::format(
          "the bus has not confirmed records within {} ms and gets them again; a subscriber that does "
          "not read may hold it up",
          config_.delivery_timeout.count()));
}

void Runtime::Impl::listen_for_commits() {
  rpc_->client().subscribe(
      {events::topics::committed},
      asio::bind_executor(executor_, [weak = weak_from_this()](const busrt::Result<>& result) {
        const auto self = weak.lock();
        if (self == nullptr || result || !self->connected_) return;
        // The outbox then goes by what the bus has taken, as with an agent that does not commit.
        self->log(busrt::base::LogLevel::info, "cannot hear what is stored: " + result.error().describe());
      }));
}

void Runtime::Impl::take_committed(const busrt::Frame& frame) {
  if (frame.kind() != busrt::FrameKind::publish || frame.topic() != events::topics::committed ||
      frame.sender() != config_.agent) {
    return;
  }
  const auto committed = events::decode_committed(frame.text());
  if (!committed) {
    refusal_lines_.write(busrt::base::LogLevel::warn,
                         fmt::format("of {}: {}", config_.agent, committed.error().message));
    return;
  }
  if (committed->epoch != epoch_) return;
  const bool empty = outbox_->with([&](Outbox& outbox) {
    outbox.commit(committed->seq, committed->credit);
    return outbox.empty();
  });
  publisher_->wake();
  if (empty && phase_ == Phase::stopping) wake();
}

void Runtime::Impl::publish_health_if_due() {
  if (Clock::now() < next_heartbeat_) {
    // The sources are asked again as well: one that fell back to a poorer method says so now, not at the next
    // heartbeat.
    for (const auto& host : hosts_) host->refresh();
    if (state() == published_state_) return;
  }
  publish_health();
}

void Runtime::Impl::publish_health() {
  const auto record = health();
  published_state_ = state();
  next_heartbeat_ = Clock::now() + heartbeat_;
  const auto text = boost::json::serialize(record);
  const auto topic = events::topics::of_health(config_.name);
  rpc_->client().publish(
      topic, busrt::as_bytes(text), busrt::QoS::processed,
      asio::bind_executor(executor_, [weak = weak_from_this()](const busrt::Result<>& result) {
        const auto self = weak.lock();
        if (self == nullptr || result) return;
        if (outcome_of(result) == PublishOutcome::refused) {
          self->log(busrt::base::LogLevel::warn, "heartbeat: " + result.error().describe());
        }
      }));
}

}  // namespace daemoneye::collector
