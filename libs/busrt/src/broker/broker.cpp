// The public face of the broker: listeners, shards, shutdown.
#include "busrt/broker.hpp"

#include <future>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>

#include "broker/acceptor.hpp"
#include "broker/config_limits.hpp"
#include "broker/core.hpp"
#include "broker/listeners.hpp"
#include "broker/listening.hpp"
#include "broker/shard_sessions.hpp"
#include "busrt/address.hpp"

namespace busrt {

class Broker::Impl {
 public:
  explicit Impl(BrokerConfig config)
      : core_(broker::within_bounds(std::move(config))),
        acceptor_(std::make_shared<broker::Acceptor>(core_, shards_)) {
    for (std::size_t i = 0; i < core_.config.shards; ++i) {
      shards_.push_back(std::make_unique<broker::ShardSessions>(core_, i));
    }
    for (const auto& shard : shards_) shard->start();
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
    return listeners_.open(bound, std::string(text));
  }

  Result<> adopt(int descriptor) {
    const std::lock_guard lock(mutex_);
    if (shut_down_) return fail(errc::closed, "the broker is shut down");
    auto adopted = factory_.adopt(descriptor);
    auto opened = listeners_.open(adopted, "descriptor " + std::to_string(descriptor));
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
    listeners_.close();
    shards_[0]->shard().post([&first = *shards_[0]] { first.announce(broker_warn_topic, "shutdown", {}); });
    const auto deadline = std::chrono::steady_clock::now() + drain;
    std::vector<std::future<void>> drained;
    for (const auto& shard : shards_) {
      auto promise = std::make_shared<std::promise<void>>();
      drained.push_back(promise->get_future());
      shard->shard().post([&shard = *shard, promise] { shard.drain([promise] { promise->set_value(); }); });
    }
    for (const auto& done : drained) done.wait_until(deadline);
    for (const auto& shard : shards_) {
      shard->shard().post([&shard = *shard] { shard.close_all(CloseReason::shutdown); });
    }
    for (const auto& shard : shards_) shard->join();
    // What one shard forwarded to another whose thread had ended by then is still to be counted.
    for (bool more = shards_.size() > 1; more;) {
      more = false;
      for (const auto& shard : shards_) more |= shard->turn();
    }
    shards_.clear();
    core_.shards.clear();
    listeners_.finish(deadline);
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
    const auto displaced = core_.registry.bind(name, pid);
    const std::lock_guard lock(mutex_);
    if (shut_down_) return fail(errc::closed, "the broker is shut down");
    if (holder == NameHolder::keep) return {};
    for (const auto& endpoint : displaced) close(endpoint, CloseReason::name_bound);
    return {};
  }

  [[nodiscard]] LocalEndpoint local() const { return LocalEndpoint(acceptor_); }
  [[nodiscard]] broker::Core& core() noexcept { return core_; }
  [[nodiscard]] const broker::Core& core() const noexcept { return core_; }

  Result<> disconnect(std::string_view name) {
    const std::lock_guard lock(mutex_);
    const auto endpoint = core_.registry.find(name);
    if (!endpoint || shut_down_) return fail(errc::not_registered, "no client " + std::string(name));
    close(endpoint, CloseReason::disconnected);
    return {};
  }

 private:
  void close(const broker::EndpointRef& endpoint, CloseReason reason) {
    core_.shards[endpoint->shard]->post([endpoint, reason] {
      if (endpoint->output != nullptr) endpoint->output->end().close(reason);
    });
  }

  /// A shard that reads takes the change up by itself; this is for those that have nothing to read.
  void post_access_change() {
    const std::lock_guard lock(mutex_);
    for (const auto& shard : shards_) shard->post_access_change();
  }

  std::stop_source stopping_;
  std::mutex mutex_;
  broker::Core core_;
  broker::ShardSessionsTable shards_;
  broker::ListenerFactory factory_{core_};
  std::shared_ptr<broker::Acceptor> acceptor_;
  broker::Listeners listeners_{core_, acceptor_};
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
