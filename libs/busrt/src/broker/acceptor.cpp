#include "broker/acceptor.hpp"

#include <exception>
#include <string>
#include <utility>

#include "broker/websocket_place.hpp"
#include "transport/inproc_stream.hpp"

namespace busrt::broker {

void Acceptor::accept(std::unique_ptr<transport::Stream> stream, const Layer& layer) {
  const std::lock_guard lock(mutex_);
  try {
    accept_locked(std::move(stream), layer);
  } catch (const std::exception&) {
    // There is no memory for it, as a rule; the log is the loop's.
    if (core_ != nullptr) core_->admission->count(RefusalReason::over_memory);
    throw;
  }
}

std::unique_ptr<transport::WebSocketPlace> Acceptor::admit_websocket(const transport::Peer& peer,
                                                                     bool secure) {
  const std::lock_guard lock(mutex_);
  auto ticket = admit_locked(peer, websocket_connection(secure));
  if (!ticket) return nullptr;
  return std::make_unique<WebSocketPlace>(
      *core_, std::move(ticket),
      [self = shared_from_this()](std::shared_ptr<transport::InprocConnection> pipes, transport::Peer from,
                                  AdmissionTicket own) {
        return self->attach(std::move(pipes), std::move(from), std::move(own));
      });
}

Result<std::shared_ptr<transport::InprocConnection>> Acceptor::connect() {
  auto connection = std::make_shared<transport::InprocConnection>();
  const std::lock_guard lock(mutex_);
  if (core_ == nullptr) return fail(errc::closed, "the broker is shut down");
  auto stream = transport::make_inproc_stream(connection);
  auto ticket = core_->admission->admit(stream->peer(), plain_connection).value();
  post_locked(std::move(stream), std::move(ticket));
  return connection;
}

void Acceptor::shut() {
  const std::lock_guard lock(mutex_);
  core_ = nullptr;
}

void Acceptor::accept_locked(std::unique_ptr<transport::Stream> stream, const Layer& layer) {
  auto ticket = admit_locked(stream->peer(), layer ? tls_connection : plain_connection);
  if (!ticket) return;
  // Only now, since the layer has its own cost.
  if (layer) stream = layer(std::move(stream));
  post_locked(std::move(stream), std::move(ticket));
}

AdmissionTicket Acceptor::admit_locked(const transport::Peer& peer, ConnectionCost cost) {
  if (core_ == nullptr) return nullptr;
  auto ticket = core_->admission->admit(peer, cost);
  if (ticket) return *std::move(ticket);
  log_refusal(ticket.error(), peer);
  return nullptr;
}

void Acceptor::post_locked(std::unique_ptr<transport::Stream> stream, AdmissionTicket ticket) {
  shards_[next_++ % shards_.size()]->post_session(std::move(stream), std::move(ticket));
}

bool Acceptor::attach(std::shared_ptr<transport::InprocConnection> pipes, transport::Peer peer,
                      AdmissionTicket ticket) {
  const std::lock_guard lock(mutex_);
  if (core_ == nullptr) return false;
  post_locked(transport::make_inproc_stream(std::move(pipes), std::move(peer)), std::move(ticket));
  return true;
}

void Acceptor::log_refusal(RefusalReason reason, const transport::Peer& peer) {
  const BrokerConfig& config = core_->config;
  std::string line = "a connection is refused: ";
  if (reason == RefusalReason::too_many_of_uid) {
    line += "uid " + std::to_string(peer.uid.value_or(0)) + " has " +
            std::to_string(config.max_connections_per_uid) + ", the limit for one user";
  } else if (reason == RefusalReason::over_memory) {
    line += "peers hold " + std::to_string(core_->memory.used()) + " bytes, the limit for all is " +
            std::to_string(core_->memory.limit());
  } else {
    line += "there are " + std::to_string(config.max_connections) + ", the limit in all";
  }
  core_->peer_log.write(reason, base::LogLevel::warn, line);
}

}  // namespace busrt::broker
