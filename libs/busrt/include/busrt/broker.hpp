// The broker: it accepts clients and routes their frames. A program embeds it, or runs it as `busrtd`.
//
//   busrt::Broker broker;
//   if (auto bound = broker.listen("/run/app/bus.sock"); !bound) { ... bound.error().describe() ... }
//   busrt::BlockingClient client({.name = "app", .endpoint = broker.local()});
//
// The model. A shard is one thread with one event loop. Each connection has a session, which stays on one
// shard. The session reads frames, finds their receivers and appends each frame to the receivers' outbound
// queues. Each queue is bounded in frames and in bytes.
//
// If a queue is full, the QoS and `SlowConsumer` decide. A realtime frame is dropped and counted. Under the
// rule `wait` the publisher is blocked: the broker reads no more from it until the queue is half empty. A
// receiver that blocks publishers and takes too few bytes stalls, and the broker closes it.
//
// Memory that clients make the broker hold is charged to two budgets: the client's own and the broker's. A
// client over its own budget is closed. If the broker's budget is exceeded, the broker evicts connections.
//
// The invariant: every frame that the broker has read reaches each receiver's connection, or is counted by
// its LossCause. Every connection that ends is counted by its CloseReason, and every one that is turned away
// by its RefusalReason. docs/glossary.md explains the terms.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/access.hpp"
#include "busrt/broker_config.hpp"
#include "busrt/broker_reasons.hpp"
#include "busrt/broker_stats.hpp"
#include "busrt/error.hpp"
#include "busrt/export.hpp"
#include "busrt/local_endpoint.hpp"

BUSRT_API_BEGIN
namespace busrt {

/// What Broker::bind_name() does with another process that has the name at that moment.
enum class NameHolder : std::uint8_t {
  close,  ///< close its connection
  /// Leave its connection open until it ends by itself. The broker still reads what a process sent before it
  /// ended.
  keep,
};

/// A broker. Thread safety: all members may be called from any thread.
class Broker {
 public:
  /// Starts the broker's threads. The broker listens on no address yet, but local() is ready at once.
  explicit Broker(BrokerConfig config = {});
  ~Broker();  ///< calls shutdown() with a drain of zero
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  /// Opens a listener on an address; address.hpp lists the forms. A broker may have any number of listeners
  /// of any kind.
  ///
  /// If a dead process left a socket file behind, the broker replaces it. Socket files have mode 0600. If the
  /// socket's directory does not exist, the broker creates it with mode 0700. A host name is looked up for at
  /// most BrokerConfig::timeout.
  ///
  /// Errors name the address and the reason:
  /// - errc::bad_address, errc::not_supported: the address is not one for a broker, or systemd passed no such
  ///   socket.
  /// - errc::data: a security option is empty.
  /// - errc::busy: another process serves this address, or the sockets from systemd are in use already.
  /// - std::errc::file_exists: another kind of file has the socket's name.
  /// - errc::access: a listener without TLS beyond loopback, a directory or file that other users can change,
  ///   or access rules that do not admit a fifo.
  /// - errc::timeout: the host lookup took too long.
  /// - errc::closed: the broker is shut down, also while the lookup runs.
  /// - errc::tls or the system's code: another step failed.
  [[nodiscard]] Result<> listen(std::string_view address);

  /// Takes over a stream socket (unix or TCP) of this process. A connected socket becomes a client's
  /// connection, a listening one becomes a listener.
  ///
  /// Errors name the descriptor, which the caller then still owns. errc::access: a TCP listener beyond
  /// loopback without BrokerConfig::insecure_tcp. errc::not_supported: it is no stream socket. errc::closed:
  /// the broker is shut down. Others: the system's code.
  [[nodiscard]] Result<> adopt(int descriptor);

  /// Reads the files of BrokerConfig::tls again. Connections that come later use the new certificates. A
  /// client whose certificate the new revocation lists name is closed. Errors name the file and the reason;
  /// the earlier certificates and lists then stay in use.
  [[nodiscard]] Result<> reload_certificates();

  /// Replaces the bearer token for WebSockets that connect later. Existing connections stay. Errors:
  /// errc::not_supported if the broker was made without a token; errc::data if a request cannot carry the
  /// token.
  [[nodiscard]] Result<> set_token(std::string token);

  /// Returns the endpoint through which clients of this process connect.
  [[nodiscard]] LocalEndpoint local() const;

  /// Returns a snapshot of the broker's counters.
  [[nodiscard]] BrokerStats stats() const;
  /// Returns the registered primary clients, sorted by name.
  [[nodiscard]] std::vector<ClientInfo> clients() const;
  /// Closes a client's connection. Errors: errc::not_registered if there is no such client.
  [[nodiscard]] Result<> disconnect(std::string_view client_name);

  /// Replaces the access rules; null removes them. The broker judges every frame that it reads after this
  /// call by the new rules. Live sessions follow at once: a client that may no longer connect is closed. The
  /// broker removes subscriptions that are no longer granted and logs them. Clients of this process are not
  /// subject to access rules.
  void set_access(std::shared_ptr<const AccessRules> rules);
  /// Returns the access rules in force, or null.
  [[nodiscard]] std::shared_ptr<const AccessRules> access() const;

  /// Binds a client name to one process. Afterwards only the process `pid` may register `name` (a primary) or
  /// a secondary of it. The broker refuses other processes with errc::access. A name has one pid: a later
  /// call replaces it.
  ///
  /// `holder` decides about another process that has the name now. The broker takes the pid of the process
  /// that opened the connection from the kernel. A client of this process has this process's pid; a network
  /// client has none.
  ///
  /// A program that starts a child binds the name before the child runs. Before it reaps the child, it binds
  /// the name to itself or unbinds it: the pid belongs to the child only until then.
  ///
  /// Errors: errc::data if the name is not that of a primary client or the pid is not positive; errc::closed
  /// after shutdown.
  [[nodiscard]] Result<> bind_name(std::string_view name, int pid, NameHolder holder = NameHolder::close);
  /// Removes the binding. Any process may then register the name.
  void unbind_name(std::string_view name);

  /// Shuts the broker down. It announces the shutdown on `.broker/warn` and stops listening. It then writes
  /// out queued frames for at most `drain`, closes every connection and joins its threads. A second call does
  /// nothing.
  void shutdown(std::chrono::milliseconds drain = std::chrono::milliseconds(500));

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace busrt
BUSRT_API_END
