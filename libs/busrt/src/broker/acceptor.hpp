// Between listeners and shards: admits each new connection, and hands it to the shards in turn.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>

#include "broker/admission.hpp"
#include "broker/core.hpp"
#include "broker/shard_sessions.hpp"
#include "busrt/error.hpp"
#include "transport/inproc.hpp"
#include "transport/stream.hpp"
#include "transport/websocket/gateway.hpp"

namespace busrt::broker {

/// Thread-safe. Clients of this process hold it (LocalEndpoint), so that it may outlive the broker: shut()
/// ends its use of the broker.
class Acceptor final : public transport::InprocConnector, public std::enable_shared_from_this<Acceptor> {
 public:
  /// What goes over a stream that a listener accepts, for example TLS; empty: nothing.
  using Layer = std::function<std::unique_ptr<transport::Stream>(std::unique_ptr<transport::Stream>)>;

  /// `shards` may be filled later, before the first connection.
  Acceptor(Core& core, const ShardSessionsTable& shards) : core_(&core), shards_(shards) {}

  /// Admits a connection and gives it to a shard. The stream is closed after shut(), and if a limit refuses
  /// the connection; that is counted and logged.
  void accept(std::unique_ptr<transport::Stream> stream, const Layer& layer);

  /// Admits a WebSocket that is still to be upgraded. Null as for accept().
  std::unique_ptr<transport::WebSocketPlace> admit_websocket(const transport::Peer& peer, bool secure);

  Result<std::shared_ptr<transport::InprocConnection>> connect() override;

  /// Accepts nothing from now on.
  void shut();

 private:
  void accept_locked(std::unique_ptr<transport::Stream> stream, const Layer& layer);
  AdmissionTicket admit_locked(const transport::Peer& peer, ConnectionCost cost);
  void post_locked(std::unique_ptr<transport::Stream> stream, AdmissionTicket ticket);
  bool attach(std::shared_ptr<transport::InprocConnection> pipes, transport::Peer peer,
              AdmissionTicket ticket);
  void log_refusal(RefusalReason reason, const transport::Peer& peer);

  std::mutex mutex_;
  Core* core_;  // null after shut()
  const ShardSessionsTable& shards_;
  std::size_t next_ = 0;
};

}  // namespace busrt::broker
