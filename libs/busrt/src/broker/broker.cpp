// The public face of the broker: listeners, shards, shutdown.
#include "busrt/broker.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <future>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>

#include "broker/config_limits.hpp"
#include "broker/core.hpp"
#include "broker/listening.hpp"
#include "broker/shard.hpp"
#include "broker/websocket_place.hpp"
#include "busrt/address.hpp"
#include "transport/inproc_stream.hpp"
#include "transport/listener.hpp"

namespace busrt {

namespace broker {

/// Hands new connections to the shards in turn. Outlives the broker in clients' hands, hence the gate.
class Acceptor final : public transport::InprocConnector, public std::enable_shared_from_this<Acceptor> {
 public:
  explicit Acceptor(Core& core) : core_(&core) {}

  /// Closed after shut(), and where limits turn it away.
  void accept(std::unique_ptr<transport::Stream> stream, const Bound::Layer& layer) {
    const std::lock_guard lock(mutex_);
    try {
      accept_locked(std::move(stream), layer);
    } catch (const std::exception&) {
      // There is no memory for it, as a rule; the log is the loop's.
      if (core_ != nullptr) core_->admission->count(RefusalReason::over_memory);
      throw;
    }
  }

  /// A place for a WebSocket that is still to be upgraded. Null as for accept().
  std::unique_ptr<transport::WebSocketPlace> admit_websocket(const transport::Peer& peer, bool secure) {
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

  Result<std::shared_ptr<transport::InprocConnection>> connect() override {
    auto connection = std::make_shared<transport::InprocConnection>();
    const std::lock_guard lock(mutex_);
    if (core_ == nullptr) return fail(errc::closed, "the broker is shut down");
    auto stream = transport::make_inproc_stream(connection);
    auto ticket = core_->admission->admit(stream->peer(), plain_connection).value();
    post_locked(std::move(stream), std::move(ticket));
    return connection;
  }

  void shut() {
    const std::lock_guard lock(mutex_);
    core_ = nullptr;
  }

 private:
  void accept_locked(std::unique_ptr<transport::Stream> stream, const Bound::Layer& layer) {
    auto ticket = admit_locked(stream->peer(), layer ? tls_connection : plain_connection);
    if (!ticket) return;
    // Only now, since the layer has its own cost.
    if (layer) stream = layer(std::move(stream));
    post_locked(std::move(stream), std::move(ticket));
  }
  AdmissionTicket admit_locked(const transport::Peer& peer, ConnectionCost cost) {
    if (core_ == nullptr) return nullptr;
    auto ticket = core_->admission->admit(peer, cost);
    if (ticket) return *std::move(ticket);
    log_refusal(ticket.error(), peer);
    return nullptr;
  }
  void post_locked(std::unique_ptr<transport::Stream> stream, AdmissionTicket ticket) {
    core_->shards[next_++ % core_->shards.size()]->post_session(std::move(stream), std::move(ticket));
  }
  bool attach(std::shared_ptr<transport::InprocConnection> pipes, transport::Peer peer,
              AdmissionTicket ticket) {
    const std::lock_guard lock(mutex_);
    if (core_ == nullptr) return false;
    post_locked(transport::make_inproc_stream(std::move(pipes), std::move(peer)), std::move(ticket));
    return true;
  }
  void log_refusal(RefusalReason reason, const transport::Peer& peer) {
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

  std::mutex mutex_;
  Core* core_;
  std::size_t next_ = 0;
};

}  // namespace broker

class Broker::Impl {
 public:
  explicit Impl(BrokerConfig config)
      : core_(broker::sane(std::move(config))), acceptor_(std::make_shared<broker::Acceptor>(core_)) {
    for (std::size_t i = 0; i < core_.config.shards; ++i) {
      core_.shards.push_back(std::make_unique<broker::Shard>(core_, i));
    }
    for (const auto& shard : core_.shards) shard->start();
  }

  ~Impl() { shutdown(std::chrono::milliseconds(0)); }

  Result<> listen(std::string_view text) {
    const auto address = Address::parse(text, core_.config.runtime_directory);
    if (!address) return std::unexpected(address.error());
    // Without the lock: a name server may be slow, and shutdown() ends the wait for it.
    const auto hosts = factory_.resolve(*address, stopping_.get_token());
    if (!hosts) return std::unexpected(hosts.error());
    const std::lock_guard lock(mutex_);
    if (shut_down_) return fail(errc::closed, "the broker is shut down");
    auto bound = factory_.bind(*address, *hosts);
    return open(bound, std::string(text));
  }

  Result<> adopt(int descriptor) {
    const std::lock_guard lock(mutex_);
    if (shut_down_) return fail(errc::closed, "the broker is shut down");
    auto adopted = factory_.adopt(descriptor);
    auto opened = open(adopted, "descriptor " + std::to_string(descriptor));
    if (opened || !adopted) return opened;
    for (auto& listener : adopted->listeners) listener->let_go();
    return opened;
  }

  Result<> reload_certificates() {
    auto reloaded = factory_.reload_certificates();
    if (reloaded && factory_.revocations()) {
      core_.access.set(factory_.revocations());
      post_access_change();
    }
    return reloaded;
  }
  Result<> set_token(std::string token) { return factory_.set_token(std::move(token)); }

  void shutdown(std::chrono::milliseconds drain) {
    stopping_.request_stop();
    const std::lock_guard lock(mutex_);
    if (std::exchange(shut_down_, true)) return;
    acceptor_->shut();
    if (gateway_) gateway_->stop_listening();
    on_first_shard([this]() -> Result<> {
      for (const auto& listener : listeners_) listener->close();
      core_.shards[0]->announce(broker_warn_topic, "shutdown", {});
      return {};
    }).value();
    const auto deadline = std::chrono::steady_clock::now() + drain;
    std::vector<std::future<void>> drained;
    for (const auto& shard : core_.shards) {
      auto promise = std::make_shared<std::promise<void>>();
      drained.push_back(promise->get_future());
      shard->post([&shard = *shard, promise] { shard.drain([promise] { promise->set_value(); }); });
    }
    for (const auto& done : drained) done.wait_until(deadline);
    for (const auto& shard : core_.shards) {
      shard->post([&shard = *shard] { shard.close_all(CloseReason::shutdown); });
    }
    for (const auto& shard : core_.shards) shard->join();
    // What one shard forwarded to another whose thread had ended by then is still to be counted.
    for (bool more = core_.shards.size() > 1; more;) {
      more = false;
      for (const auto& shard : core_.shards) more |= shard->loop().turn(*shard);
    }
    core_.shards.clear();
    listeners_.clear();
    if (gateway_) gateway_->finish(deadline);
  }

  void set_access(std::shared_ptr<const AccessRules> rules) {
    core_.access.set(std::move(rules));
    post_access_change();
  }

  Result<> bind_name(std::string_view name, int pid, NameHolder holder) {
    if (name.empty() || name.size() > limits::max_name_bytes || name.front() == '.' ||
        primary_name(name).size() != name.size()) {
      return fail(errc::data, "expected the name of a primary client, found \"" + std::string(name) + "\"");
    }
    if (pid <= 0) return fail(errc::data, "expected a process id, found " + std::to_string(pid));
    const auto barred = core_.registry.bind(name, pid);
    const std::lock_guard lock(mutex_);
    if (shut_down_) return fail(errc::closed, "the broker is shut down");
    if (holder == NameHolder::keep) return {};
    for (const auto& endpoint : barred) {
      core_.shards[endpoint->shard]->post([endpoint] {
        if (endpoint->session != nullptr) endpoint->session->close(CloseReason::name_bound);
      });
    }
    return {};
  }

  [[nodiscard]] LocalEndpoint local() const { return LocalEndpoint(acceptor_); }
  [[nodiscard]] broker::Core& core() noexcept { return core_; }
  [[nodiscard]] const broker::Core& core() const noexcept { return core_; }

  Result<> disconnect(std::string_view name) {
    const std::lock_guard lock(mutex_);
    const auto endpoint = core_.registry.find(name);
    if (!endpoint || shut_down_) return fail(errc::not_registered, "no client " + std::string(name));
    core_.shards[endpoint->shard]->post([endpoint] {
      if (endpoint->session != nullptr) endpoint->session->close(CloseReason::disconnected);
    });
    return {};
  }

 private:
  /// A shard that reads takes the change up by itself; this is for those that have nothing to read.
  void post_access_change() {
    const std::lock_guard lock(mutex_);
    for (const auto& shard : core_.shards) shard->post_access_change();
  }

  /// Where it fails, what was opened is closed again, and the listeners that could not be are left in
  /// `bound`.
  Result<> open(Result<broker::Bound>& bound, const std::string& where) {
    if (!bound) return std::unexpected(std::move(bound).error());
    const std::size_t before = listeners_.size();
    Result<> opened;
    for (auto& listener : bound->listeners) {
      opened = open(listener, bound->layer, where);
      if (!opened) break;
    }
    if (opened && !bound->websockets.empty()) opened = open_websockets(*bound, where);
    if (!opened) {
      close_listeners_from(before);
      return fail(opened.error().code, "cannot listen at " + where + ": " + opened.error().message);
    }
    for (auto& connection : bound->connections) acceptor_->accept(std::move(connection), {});
    return {};
  }

  Result<> open_websockets(broker::Bound& bound, const std::string& where) {
    if (!gateway_) {
      // The gateway's thread exists where somebody wants WebSockets, and only there.
      gateway_ = transport::make_websocket_gateway(
          [acceptor = acceptor_](const transport::Peer& peer, bool secure) {
            return acceptor->admit_websocket(peer, secure);
          },
          core_.config.timeout, core_.peer_log.sink(broker::LineCause::accept));
    }
    bound.websocket_rules.paused = core_.pause_report(where);
    return gateway_->listen(std::move(bound.websockets), std::move(bound.websocket_rules));
  }

  /// Takes the listener where it can be opened.
  Result<> open(std::unique_ptr<transport::Listener>& bound, const broker::Bound::Layer& layer,
                const std::string& where) {
    transport::Listener& listener = *bound;
    listeners_.reserve(listeners_.size() + 1);
    auto accept = [acceptor = acceptor_, layer](std::unique_ptr<transport::Stream> stream) {
      acceptor->accept(std::move(stream), layer);
    };
    auto opened = on_first_shard([this, &listener, &accept, &where]() -> Result<> {
      auto watched = listener.open(core_.shards[0]->loop(), std::move(accept), core_.pause_report(where));
      if (watched) core_.shards[0]->on_tick([&listener] { listener.retry(); });
      return watched;
    });
    if (opened) listeners_.push_back(std::move(bound));
    return opened;
  }

  /// They stay, closed, for the ticks that know them.
  void close_listeners_from(std::size_t first) {
    on_first_shard([this, first]() -> Result<> {
      for (std::size_t i = first; i < listeners_.size(); ++i) listeners_[i]->close();
      return {};
    }).value();
  }

  template <class Function>
  Result<> on_first_shard(Function function) {
    std::promise<Result<>> promise;
    auto result = promise.get_future();
    core_.shards[0]->post([&promise, &function] {
      try {
        promise.set_value(function());
      } catch (const std::exception&) {
        promise.set_exception(std::current_exception());
      }
    });
    return result.get();
  }

  std::stop_source stopping_;
  std::mutex mutex_;
  broker::Core core_;
  broker::ListenerFactory factory_{core_};
  std::shared_ptr<broker::Acceptor> acceptor_;
  std::vector<std::unique_ptr<transport::Listener>> listeners_;
  std::unique_ptr<transport::WebSocketGateway> gateway_;  // null until the first WebSocket listener
  bool shut_down_ = false;
};

Broker::Broker(BrokerConfig config) : impl_(std::make_unique<Impl>(std::move(config))) {}
Broker::~Broker() = default;
Result<> Broker::listen(std::string_view address) {
  return impl_->listen(address);
}
Result<> Broker::adopt(int descriptor) {
  return impl_->adopt(descriptor);
}
Result<> Broker::reload_certificates() {
  return impl_->reload_certificates();
}
Result<> Broker::set_token(std::string token) {
  return impl_->set_token(std::move(token));
}
LocalEndpoint Broker::local() const {
  return impl_->local();
}
BrokerStats Broker::stats() const {
  return impl_->core().stats();
}
std::vector<ClientInfo> Broker::clients() const {
  return impl_->core().registry.list();
}
Result<> Broker::disconnect(std::string_view client_name) {
  return impl_->disconnect(client_name);
}
void Broker::set_access(std::shared_ptr<const AccessRules> rules) {
  impl_->set_access(std::move(rules));
}
std::shared_ptr<const AccessRules> Broker::access() const {
  return impl_->core().access.get().rules;
}
Result<> Broker::bind_name(std::string_view name, int pid, NameHolder holder) {
  return impl_->bind_name(name, pid, holder);
}
void Broker::unbind_name(std::string_view name) {
  impl_->core().registry.unbind(name);
}
void Broker::shutdown(std::chrono::milliseconds drain) {
  impl_->shutdown(drain);
}

}  // namespace busrt
