// The blocking facade: every call starts the asynchronous one and waits for its completion.
#include "busrt/blocking_client.hpp"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <utility>

#include "client/client_core.hpp"
#include "client/loop_thread.hpp"

namespace busrt {

namespace asio = boost::asio;

struct BlockingClient::Impl {
  explicit Impl(ClientConfig config)
      : timeout(config.timeout), loop(config.log), client(loop.context().get_executor(), std::move(config)) {}
  ~Impl() {
    client.core()->close();
    loop.stop();
  }

  /// Straight into the outgoing buffer from the caller's thread; waits only while that is full.
  Result<> send_unacked(Op op, std::string_view target, std::span<const std::byte> payload,
                        const SendOptions& options) {
    const auto deadline =
        std::chrono::steady_clock::now() + (options.timeout.count() > 0 ? options.timeout : timeout);
    for (;;) {
      auto sent = client.try_send(op, target, payload, options.qos);
      if (sent || sent.error().code != errc::would_block || options.when_full == WhenFull::refuse)
        return sent;
      auto writable = client.wait_writable(asio::use_future);
      if (writable.wait_until(deadline) != std::future_status::ready) {
        return fail(errc::not_sent, "the outgoing buffer had no room in time");
      }
      if (auto open = writable.get(); !open) return open;
    }
  }

  /// What `start(token)` began, or errc::timeout with `what` where it has not completed in time.
  template <class Start>
  auto within(std::chrono::milliseconds limit, const char* what, Start start) {
    const auto cancel = std::make_shared<asio::cancellation_signal>();
    // A future's own executor is another thread: completion and cancellation both belong on the loop's, where
    // one of the two comes first.
    auto pending = start(asio::bind_executor(loop.context().get_executor(),
                                             asio::bind_cancellation_slot(cancel->slot(), asio::use_future)));
    if (pending.wait_for(limit) != std::future_status::ready) {
      asio::post(loop.context(), [cancel] { cancel->emit(asio::cancellation_type::terminal); });
    }
    auto result = pending.get();
    if (!result && result.error().code == std::errc::operation_canceled) result = fail(errc::timeout, what);
    return result;
  }

  const std::chrono::milliseconds timeout;
  detail::LoopThread loop;
  Client client;
};

BlockingClient::BlockingClient(ClientConfig config) : impl_(std::make_unique<Impl>(std::move(config))) {}
BlockingClient::~BlockingClient() = default;
BlockingClient::BlockingClient(BlockingClient&&) noexcept = default;
BlockingClient& BlockingClient::operator=(BlockingClient&&) noexcept = default;

Result<> BlockingClient::connect() {
  return impl_->client.connect(asio::use_future).get();
}
Result<> BlockingClient::disconnect(std::chrono::milliseconds drain) {
  return impl_->client.disconnect(drain, asio::use_future).get();
}
bool BlockingClient::connected() const {
  return impl_->client.connected();
}
Client& BlockingClient::async() noexcept {
  return impl_->client;
}

Result<> BlockingClient::publish(std::string_view topic, std::span<const std::byte> payload,
                                 const SendOptions& options) {
  if (!wants_ack(options.qos)) return impl_->send_unacked(Op::publish, topic, payload, options);
  return impl_->client.publish(topic, payload, options, asio::use_future).get();
}
Result<> BlockingClient::publish_for(std::string_view topic, std::string_view receiver,
                                     std::span<const std::byte> payload, const SendOptions& options) {
  return impl_->client.publish_for(topic, receiver, payload, options, asio::use_future).get();
}
Result<> BlockingClient::send(std::string_view target, std::span<const std::byte> payload,
                              const SendOptions& options) {
  if (!wants_ack(options.qos)) return impl_->send_unacked(Op::message, target, payload, options);
  return impl_->client.send(target, payload, options, asio::use_future).get();
}
Result<> BlockingClient::broadcast(std::string_view mask, std::span<const std::byte> payload,
                                   const SendOptions& options) {
  if (!wants_ack(options.qos)) return impl_->send_unacked(Op::broadcast, mask, payload, options);
  return impl_->client.broadcast(mask, payload, options, asio::use_future).get();
}

Result<> BlockingClient::subscribe(const Patterns& patterns) {
  return impl_->client.subscribe(patterns, asio::use_future).get();
}
Result<> BlockingClient::unsubscribe(const Patterns& patterns) {
  return impl_->client.unsubscribe(patterns, asio::use_future).get();
}
Result<> BlockingClient::exclude(const Patterns& patterns) {
  return impl_->client.exclude(patterns, asio::use_future).get();
}
Result<> BlockingClient::unexclude(const Patterns& patterns) {
  return impl_->client.unexclude(patterns, asio::use_future).get();
}

ConnectionStatus BlockingClient::status() const {
  return impl_->client.status();
}
ClientStats BlockingClient::stats() const {
  return impl_->client.stats();
}
void BlockingClient::on_state(std::function<void(const ConnectionStatus&)> handler) {
  impl_->client.on_state(std::move(handler));
}

Result<ConnectionStatus> BlockingClient::wait_state_change(std::uint64_t seen,
                                                           std::chrono::milliseconds timeout) {
  return impl_->within(timeout, "no change of state",
                       [&](auto token) { return impl_->client.wait_state_change(seen, std::move(token)); });
}

Result<> BlockingClient::wait_connected(std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    const ConnectionStatus now = status();
    if (now.state == ConnectionState::connected) return {};
    if (now.state == ConnectionState::disconnected || now.state == ConnectionState::closed) {
      return fail(errc::not_connected, "the client is " + std::string(to_string(now.state)));
    }
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    auto changed = wait_state_change(now.version, std::max(left, std::chrono::milliseconds(0)));
    if (!changed) return std::unexpected(std::move(changed).error());
  }
}

Result<Frame> BlockingClient::receive(std::chrono::milliseconds timeout) {
  Frame frame;
  if (impl_->client.core()->take_frame(frame)) return frame;
  return impl_->within(timeout, "no frame came",
                       [&](auto token) { return impl_->client.receive(std::move(token)); });
}

}  // namespace busrt
