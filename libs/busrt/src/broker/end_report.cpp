#include "broker/end_report.hpp"

#include <algorithm>

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

std::string connection_words(const Endpoint* client, const transport::Peer& peer) {
  std::string words = client != nullptr ? "client " + client->name : std::string("a connection");
  if (peer.speaks_as) words += " (" + peer.port.value_or("") + ")";
  if (peer.pid) words += " (pid " + std::to_string(*peer.pid) + ")";
  if (peer.source) words += " (" + *peer.source + ")";
  return words;
}

base::LogLevel level_for(CloseReason reason, const Endpoint* client, const transport::Peer& peer) noexcept {
  switch (reason) {
    case CloseReason::over_memory:
      // There may be thousands of connections that have not registered; the shard has a line for them.
      return client != nullptr ? base::LogLevel::warn : base::LogLevel::debug;
    case CloseReason::io_error:
      // A fifo does not come back, and its writers get no error.
      return peer.speaks_as ? base::LogLevel::error : base::LogLevel::debug;
    case CloseReason::handshake_refused:
    case CloseReason::handshake_timeout:
    case CloseReason::tls:
      return base::LogLevel::info;
    case CloseReason::slow_consumer:
    case CloseReason::protocol_error:
    case CloseReason::access_refused:
    case CloseReason::access_revoked:
    case CloseReason::name_bound:
    case CloseReason::silent:
    case CloseReason::displaced:
    case CloseReason::fault:
      return base::LogLevel::warn;
    default:
      return base::LogLevel::debug;
  }
}

}  // namespace

EndReport report_end(const SessionEnd& end, const Endpoint* client, const transport::Stream& stream,
                     const BrokerConfig& config) {
  EndReport report;
  std::string why = std::string(sentence_for(end.reason()));
  if (!end.detail().empty()) why += ": " + end.detail();
  if (const auto failure = stream.failure(); !failure.empty()) why += ": " + std::string(failure);
  report.level = level_for(end.reason(), client, stream.peer());
  if (end.reason() == CloseReason::slow_consumer) report.announcement = "slow_consumer";
  if (end.reason() == CloseReason::over_memory) {
    why += ", it held " + std::to_string(end.held_memory()) + " bytes; the limit is " +
           std::to_string(config.client_memory_bytes) + " for a client, " +
           std::to_string(config.memory_bytes) + " for all";
    if (client != nullptr) report.announcement = "over_memory";
  }
  // Its own counters go with it; afterwards its losses are in the totals alone.
  if (const std::string losses = client != nullptr ? losses_of(*client) : std::string(); !losses.empty()) {
    why += "; frames lost: " + losses;
    report.level = std::max(report.level, base::LogLevel::info);
  }
  report.line = connection_words(client, stream.peer()) + " disconnected: " + why;
  return report;
}

}  // namespace busrt::broker
