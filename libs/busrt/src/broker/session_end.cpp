// A session's end: what it leaves in the registry and in the books, and what the log says of it.
#include <algorithm>
#include <string>

#include "broker/session.hpp"
#include "broker/shard.hpp"
#include "wire/codec.hpp"

namespace busrt::broker {

namespace {

std::string_view sentence_for(CloseReason reason) noexcept {
  switch (reason) {
    case CloseReason::end_of_stream:
      return "end of stream";
    case CloseReason::io_error:
      return "i/o error";
    case CloseReason::handshake_refused:
      return "handshake refused";
    case CloseReason::handshake_timeout:
      return "handshake timeout";
    case CloseReason::tls:
      return "TLS";
    case CloseReason::protocol_error:
      return "protocol error";
    case CloseReason::silent:
      return "silent for too long";
    case CloseReason::displaced:
      return "displaced by a client of the same name";
    case CloseReason::primary_gone:
      return "primary client gone";
    case CloseReason::over_memory:
      return "over the memory limit";
    case CloseReason::disconnected:
      return "disconnected by the broker's owner";
    case CloseReason::access_refused:
      return "access refused";
    case CloseReason::access_revoked:
      return "access revoked";
    case CloseReason::name_bound:
      return "its name was bound to another process";
    case CloseReason::fault:
      return "it could not be served";
    case CloseReason::shutdown:
      return "broker shutdown";
    case CloseReason::none:
    case CloseReason::slow_consumer:
      break;
  }
  return to_string(reason);
}

/// "50 slow_consumer, 306 realtime_queue_full", or nothing.
std::string losses_of(const Endpoint& client) {
  std::string text;
  for (std::size_t cause = 0; cause < loss_causes; ++cause) {
    const std::uint64_t frames = client.traffic.lost[cause].get();
    if (frames == 0) continue;
    if (!text.empty()) text += ", ";
    text += std::to_string(frames) + " " + std::string(to_string(static_cast<LossCause>(cause)));
  }
  return text;
}

}  // namespace

void Session::finish() {
  // The last words: a refusal, or what was queued for a client that has only stopped sending.
  if (reason_ != CloseReason::io_error) flush();
  Core& core = shard_.core();
  if (endpoint_) {
    bool was_registered = false;
    const auto orphans = core.registry.remove(endpoint_, was_registered);
    serve([this, &orphans] {
      for (const EndpointRef& orphan : orphans) shard_.close_anywhere(orphan, CloseReason::primary_gone);
    });
    count_lost(reason_ == CloseReason::slow_consumer ? LossCause::slow_consumer : LossCause::receiver_closed,
               outbound_.abandon());
    count_lost(LossCause::sender_closed, unrouted_frames());
    serve([this] { release_waiters(); });
    endpoint_->session = nullptr;
    core.registry.retire(endpoint_);
    serve([this, was_registered] {
      shard_.sweep_soon();
      if (was_registered && endpoint_->is_primary()) {
        shard_.announce(broker_info_topic, "unreg", endpoint_->name);
      }
    });
  }
  core.counters.count_closed(reason_);
  serve([this] { log_end(); });
  ticket_->ending();
  const bool stuck = reason_ == CloseReason::silent || reason_ == CloseReason::slow_consumer ||
                     reason_ == CloseReason::over_memory;
  serve([this, stuck] {
    if (stuck) {
      stream_->abort();
    } else {
      stream_->close();
    }
  });
}

std::uint64_t Session::unrouted_frames() const {
  std::uint64_t frames = 0;
  std::span<const std::byte> rest = stash_.data();
  wire::Request request;
  while (!rest.empty()) {
    const auto decoded = wire::decode_request(rest, shard_.core().config.max_body_bytes, request);
    if (decoded.status != wire::Decoded::Status::complete) break;
    if (request.op != Op::nop) ++frames;
    rest = rest.subspan(decoded.size);
  }
  return frames;
}

void Session::log_end() {
  Core& core = shard_.core();
  const auto& peer = stream_->peer();
  std::string who = endpoint_ ? "client " + endpoint_->name : std::string("a connection");
  if (peer.speaks_as) who += " (" + peer.port.value_or("") + ")";
  if (peer.pid) who += " (pid " + std::to_string(*peer.pid) + ")";
  if (peer.source) who += " (" + *peer.source + ")";
  std::string why = std::string(sentence_for(reason_));
  if (!detail_.empty()) why += ": " + detail_;
  if (const auto failure = stream_->failure(); !failure.empty()) why += ": " + std::string(failure);
  base::LogLevel level = base::LogLevel::debug;
  switch (reason_) {
    case CloseReason::slow_consumer:
      level = base::LogLevel::warn;
      shard_.announce(broker_warn_topic, "slow_consumer", endpoint_->name);
      break;
    case CloseReason::over_memory:
      // There may be thousands of connections that have not registered; the shard has a line for them.
      if (endpoint_) level = base::LogLevel::warn;
      why += ", it held " + std::to_string(held_memory_) + " bytes; the limit is " +
             std::to_string(core.config.client_memory_bytes) + " for a client, " +
             std::to_string(core.config.memory_bytes) + " for all";
      if (endpoint_) shard_.announce(broker_warn_topic, "over_memory", endpoint_->name);
      break;
    case CloseReason::io_error:
      // A fifo does not come back, and whoever writes to it is not told.
      if (peer.speaks_as) level = base::LogLevel::error;
      break;
    case CloseReason::handshake_refused:
    case CloseReason::handshake_timeout:
    case CloseReason::tls:
      level = base::LogLevel::info;
      break;
    case CloseReason::protocol_error:
    case CloseReason::access_refused:
    case CloseReason::access_revoked:
    case CloseReason::name_bound:
    case CloseReason::silent:
    case CloseReason::displaced:
    case CloseReason::fault:
      level = base::LogLevel::warn;
      break;
    default:
      break;
  }
  // Its own counters go with it; afterwards its losses are in the totals alone.
  if (const std::string losses = endpoint_ ? losses_of(*endpoint_) : std::string(); !losses.empty()) {
    why += "; frames lost: " + losses;
    level = std::max(level, base::LogLevel::info);
  }
  core.peer_log.write(reason_, level, who + " disconnected: " + why);
}

}  // namespace busrt::broker
