// The blocking facade: every call starts the asynchronous one and waits for its completion.
#include "busrt/blocking_client.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
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
  Result<> send_unacked(Op op, std::string_view target, std::span<const std::byte> payload, QoS qos) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    for (;;) {
      auto sent = client.try_send(op, target, payload, qos);
      if (sent || sent.error().code != errc::would_block) return sent;
      auto writable = client.wait_writable(asio::use_future);
      if (writable.wait_until(deadline) != std::future_status::ready) {
        return fail(errc::timeout, "the outgoing buffer had no room in time");
      }
      if (auto open = writable.get(); !open) return open;
    }
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

Result<> BlockingClient::publish(std::string_view topic, std::span<const std::byte> payload, QoS qos) {
  if (!wants_ack(qos)) return impl_->send_unacked(Op::publish, topic, payload, qos);
  return impl_->client.publish(topic, payload, qos, asio::use_future).get();
}
Result<> BlockingClient::publish_for(std::string_view topic, std::string_view receiver,
                                     std::span<const std::byte> payload, QoS qos) {
  return impl_->client.publish_for(topic, receiver, payload, qos, asio::use_future).get();
}
Result<> BlockingClient::send(std::string_view target, std::span<const std::byte> payload, QoS qos) {
  if (!wants_ack(qos)) return impl_->send_unacked(Op::message, target, payload, qos);
  return impl_->client.send(target, payload, qos, asio::use_future).get();
}
Result<> BlockingClient::broadcast(std::string_view mask, std::span<const std::byte> payload, QoS qos) {
  if (!wants_ack(qos)) return impl_->send_unacked(Op::broadcast, mask, payload, qos);
  return impl_->client.broadcast(mask, payload, qos, asio::use_future).get();
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

Result<Frame> BlockingClient::receive(std::chrono::milliseconds timeout) {
  Frame frame;
  if (impl_->client.core()->take_frame(frame)) return frame;
  const auto cancel = std::make_shared<asio::cancellation_signal>();
  auto received = impl_->client.receive(asio::bind_cancellation_slot(cancel->slot(), asio::use_future));
  if (received.wait_for(timeout) != std::future_status::ready) {
    // On the loop's thread, where the completion would run: one of the two comes first.
    asio::post(impl_->loop.context(), [cancel] { cancel->emit(asio::cancellation_type::terminal); });
  }
  auto result = received.get();
  if (!result && result.error().code == std::errc::operation_canceled)
    return fail(errc::timeout, "no frame came");
  return result;
}

}  // namespace busrt
