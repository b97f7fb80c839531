// A session's life: opening, deadlines, end.
#include "broker/session.hpp"

#include <string>
#include <utility>

#include "broker/end_report.hpp"
#include "busrt/protocol.hpp"

namespace busrt::broker {

Session::Session(SessionServices& services, std::unique_ptr<transport::Stream> stream, AdmissionTicket ticket)
    : services_(services),
      ticket_(std::move(ticket)),
      stream_(std::move(stream)),
      end_(services.shard.closing(), *ticket_->account()),
      interest_(*stream_, end_),
      output_(*stream_, interest_, end_, services.shard.pool(), *ticket_->account(),
              services.shard.loop().now()),
      input_(*ticket_->account()),
      access_(services.rules, services.shard.turn(), services.core.peer_log, *ticket_->account()),
      topics_(services.core.registry, services.shard.turn(), access_),
      deadlines_(services.shard.loop().now()) {
  ticket_->on_eviction([&owner = services_.shard, self = self_] {
    owner.post([self] {
      // One that has registered meanwhile is not evicted.
      if (*self != nullptr && !(*self)->endpoint_) (*self)->end_.close(CloseReason::over_memory);
    });
  });
}

Session::~Session() {
  *self_ = nullptr;
}

void Session::open() {
  end_.serve([this] { begin(); });
}

void Session::begin() {
  if (stream_->peer().speaks_as) {
    open_own();
    return;
  }
  base::ByteBuffer greeting;
  wire::BrokerHandshake::begin(greeting);
  output_.append_raw(greeting.data());
  if (const auto opened = stream_->open(shard().loop(), *this); !opened) {
    end_.close(CloseReason::io_error, opened.error().describe());
    return;
  }
  shard().flushes().mark(output_);
}

void Session::open_own() {
  const transport::Peer& peer = stream_->peer();
  endpoint_ =
      std::make_shared<Endpoint>(*peer.speaks_as, shard().index(), peer, &output_, ticket_->account());
  output_.attach(*endpoint_);
  end_.attach(*endpoint_);
  ticket_->registered();
  core().registry.add_unlisted(endpoint_);
  services_.rules.refresh();
  if (const Result<> admitted = access_.admit(*endpoint_); !admitted) {
    end_.close(CloseReason::access_refused, admitted.error().message);
  } else if (const auto opened = stream_->open(shard().loop(), *this); !opened) {
    end_.close(CloseReason::io_error, opened.error().describe());
  }
}

void Session::on_writable() {
  output_.unblock();
  shard().flush(output_);
  output_.update_interest();
}

void Session::on_hang_up() {
  hung_up_ = true;
  if (!suspended_) end_.close(CloseReason::end_of_stream);
}

void Session::apply_new_rules() {
  end_.serve([this] { check_rules(); });
}

void Session::check_rules() {
  if (!endpoint_ || closing()) return;
  if (const Result<> admitted = access_.admit(*endpoint_); !admitted) {
    end_.close(CloseReason::access_revoked, admitted.error().message);
    return;
  }
  if (access_.unrestricted()) return;
  const std::vector<std::string> held = core().registry.subscriptions(endpoint_);
  const std::vector<std::string_view> revoked = access_.revoked(held);
  if (revoked.empty()) return;
  core().registry.unsubscribe(endpoint_, revoked);
  Counters::count(core().counters.subscriptions_revoked, revoked.size());
  access_.log_revoked(*endpoint_, revoked);
}

// ---- time ----

void Session::stop_reading() {
  reading_ = false;
  interest_.want_read(false);
}

void Session::tick(Clock::time_point now) {
  end_.serve([this, now] { check_deadlines(now); });
}

void Session::check_deadlines(Clock::time_point now) {
  if (closing()) return;
  const BrokerConfig& config = core().config;
  if (!endpoint_) {
    if (deadlines_.handshake_over(now, config.timeout)) end_.close(CloseReason::handshake_timeout);
    return;
  }
  shard().take_requests(endpoint_);
  services_.back_pressure.check_stall(output_, now);
  if (closing()) return;
  if (stream_->peer().speaks_as) return stream_->retry();
  if (!suspended_ && reading_ && deadlines_.silent(now, config.timeout)) {
    end_.close(CloseReason::silent);
    return;
  }
  if (output_.idle_for(config.timeout / 2, now)) {
    base::ByteBuffer nop;
    wire::append_nop(nop);
    output_.append_raw(nop.data());
    shard().flushes().mark(output_);
  }
}

void Session::extend_deadlines(Clock::duration lateness) noexcept {
  deadlines_.extend(lateness);
  output_.extend_deadlines(lateness);
}

// ---- end ----

void Session::count_lost(LossCause cause, std::uint64_t frames) {
  endpoint_->traffic.lost[static_cast<std::size_t>(cause)].add(frames);
}

void Session::finish() {
  // A refusal, or what was queued for a client that has only stopped sending, is still written.
  if (end_.reason() != CloseReason::io_error) shard().flush(output_);
  // Before the registry forgets it, so that what it holds always counts as being freed (evictor.cpp).
  ticket_->ending();
  if (endpoint_) {
    bool was_registered = false;
    const auto secondaries = core().registry.remove(endpoint_, was_registered);
    end_.serve([this, &secondaries] {
      for (const EndpointRef& secondary : secondaries) shard().close(secondary, CloseReason::primary_gone);
    });
    count_lost(
        end_.reason() == CloseReason::slow_consumer ? LossCause::slow_consumer : LossCause::receiver_closed,
        output_.abandon());
    count_lost(LossCause::sender_closed, unrouted_frames());
    end_.serve([this] { shard().resume_publishers(output_); });
    endpoint_->output = nullptr;
    core().registry.retire(endpoint_);
    end_.serve([this, was_registered] {
      services_.sweep.start();
      if (was_registered && endpoint_->is_primary()) {
        services_.announcer.announce(broker_info_topic, "unreg", endpoint_->name);
      }
    });
  }
  core().counters.count_closed(end_.reason());
  end_.serve([this] { report(); });
  const bool stuck = end_.reason() == CloseReason::silent || end_.reason() == CloseReason::slow_consumer ||
                     end_.reason() == CloseReason::over_memory;
  end_.serve([this, stuck] {
    if (stuck) {
      stream_->abort();
    } else {
      stream_->close();
    }
  });
}

/// Frames that were read and not handled.
std::uint64_t Session::unrouted_frames() const {
  std::uint64_t frames = 0;
  std::span<const std::byte> rest = input_.data();
  wire::Request request;
  while (!rest.empty()) {
    const auto decoded = wire::decode_request(rest, services_.core.config.max_body_bytes, request);
    if (decoded.status != wire::Decoded::Status::complete) break;
    if (request.op != Op::nop) ++frames;
    rest = rest.subspan(decoded.size);
  }
  return frames;
}

void Session::report() {
  const EndReport report = report_end(end_, endpoint_.get(), *stream_, core().config);
  if (!report.announcement.empty()) {
    services_.announcer.announce(broker_warn_topic, report.announcement, endpoint_->name);
  }
  core().peer_log.write(end_.reason(), report.level, report.line);
}

}  // namespace busrt::broker
