// The runtime's connection to its bus: reconnecting, heartbeats, and giving up.

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
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

/// A connection lasts when it holds for so many of the longest pauses, and the next attempt follows at once.
/// One that ends earlier counts like an attempt that failed: two collectors of one name on a broker with
/// --force-register would otherwise displace each other without a pause. Two, so that neither lasts when both
/// take turns after the longest pause.
constexpr int lasting = 2;

/// How often an idle collector asks its sources how they are. A lost connection it is told of at once.
constexpr std::chrono::milliseconds source_check{250};

std::int64_t milliseconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

}  // namespace

asio::awaitable<RunEnd> Runtime::Impl::serve(Ptr self) {
  auto bus_seen = Clock::now();
  auto up_since = bus_seen;
  bool was_up = false;
  busrt::base::Backoff backoff(self->config_.reconnect_first, self->config_.reconnect_most,
                               busrt::base::Jitter::none);
  self->rpc_->client().on_state([weak = std::weak_ptr(self)](const busrt::ConnectionStatus& status) {
    const auto told = weak.lock();
    // A word that comes late, when there is a connection again, is about an earlier one.
    if (!told || status.state != busrt::ConnectionState::disconnected || told->rpc_->client().connected())
      return;
    told->lost_connection(status.message.empty() ? status.error.message() : status.message);
  });
  while (!self->stop_requested_) {
    if (self->start_fault_) std::rethrow_exception(self->start_fault_);
    if (!self->connected_) {
      if (std::exchange(was_up, false)) {
        if (bus_seen - up_since >= lasting * self->config_.reconnect_most) {
          backoff.reset();
        } else {
          co_await wait_until(self, Clock::now() + backoff.next(0));
          continue;
        }
      }
      if (co_await connect(self)) {
        up_since = Clock::now();
        was_up = true;
        continue;
      }
      const auto absent = Clock::now() - bus_seen;
      if (absent >= self->config_.bus_absence) {
        self->log(busrt::base::LogLevel::error,
                  fmt::format("no bus for {} ms: a collector does not run without its agent, ending",
                              milliseconds(absent)));
        co_return RunEnd::bus_gone;
      }
      co_await wait(self, std::min<Clock::duration>(backoff.next(0), self->config_.bus_absence - absent));
      continue;
    }
    bus_seen = Clock::now();
    self->publish_health_if_due();
    const auto beat = self->next_heartbeat_ - Clock::now();
    co_await wait(self, std::min<Clock::duration>(beat, source_check));
  }
  co_return RunEnd::requested;
}

asio::awaitable<bool> Runtime::Impl::connect(Ptr self) {
  busrt::Result<> result;
  if (!self->rpc_->client().connected()) {
    result = co_await self->rpc_->connect(
        asio::bind_cancellation_slot(self->end_attempt_.slot(), asio::use_awaitable));
  }
  if (!result && result.error().code == std::errc::operation_canceled) co_return false;
  if (!result) {
    self->log(busrt::base::LogLevel::debug, "bus: " + result.error().describe());
    if (!std::exchange(self->absence_logged_, true)) {
      self->log(busrt::base::LogLevel::warn, "cannot reach the bus: " + result.error().describe());
    }
    co_return false;
  }
  self->absence_logged_ = false;
  self->connected_ = true;
  self->log(busrt::base::LogLevel::info, "connected to the bus as " + self->config_.name);
  self->next_heartbeat_ = Clock::now();
  self->listen_for_commits();
  self->publisher_->resume();
  co_return true;
}

asio::awaitable<void> Runtime::Impl::wait(Ptr self, Clock::duration longest) {
  if (!self->woken_) {
    self->changed_.expires_after(longest);
    boost::system::error_code ignored;
    co_await self->changed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  self->woken_ = false;
}

asio::awaitable<void> Runtime::Impl::wait_until(Ptr self, Clock::time_point time) {
  while (!self->stop_requested_ && Clock::now() < time) co_await wait(self, time - Clock::now());
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
        } else if (!self->rpc_->client().connected()) {
          self->lost_connection(result.error().describe());
        }
      }));
}

}  // namespace daemoneye::collector
