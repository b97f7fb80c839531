// The public face of the asynchronous client: every call goes to the core.
#include "busrt/client.hpp"

#include <utility>

#include "client/client_core.hpp"

namespace busrt {

Client::Client(executor_type executor, ClientConfig config)
    : core_(detail::ClientCore::make(std::move(executor), std::move(config))) {}

Client::~Client() {
  if (core_) core_->close();
}

Client::Client(Client&&) noexcept = default;

Client& Client::operator=(Client&& other) noexcept {
  if (this != &other) {
    if (core_) core_->close();
    core_ = std::move(other.core_);
  }
  return *this;
}

Client::executor_type Client::get_executor() const {
  return core_->executor();
}
const std::string& Client::name() const {
  return core_->config().name;
}
bool Client::connected() const {
  return core_->connected();
}
ClientStats Client::stats() const {
  return core_->stats();
}
ConnectionStatus Client::status() const {
  return core_->status();
}
void Client::on_state(std::function<void(const ConnectionStatus&)> handler) {
  core_->on_state(std::move(handler));
}

Result<> Client::try_send(Op op, std::string_view target, std::span<const std::byte> payload, QoS qos) {
  return core_->try_send(op, target, payload, qos);
}

void Client::start_connect(const Core& core, detail::Completion<Result<>> done) {
  core->connect(std::move(done));
}

void Client::start_disconnect(const Core& core, std::chrono::milliseconds drain,
                              detail::Completion<Result<>> done) {
  core->disconnect(drain, std::move(done));
}

void Client::start_receive(const Core& core, detail::Completion<Result<Frame>> done) {
  core->receive(std::move(done));
}

void Client::start_receive_some(const Core& core, detail::Completion<Result<std::vector<Frame>>> done) {
  core->receive_some(std::move(done));
}

void Client::start_wait_writable(const Core& core, detail::Completion<Result<>> done) {
  core->wait_writable(std::move(done));
}

void Client::start_wait_credit(const Core& core, detail::Completion<Result<>> done) {
  core->wait_credit(std::move(done));
}

void Client::start_wait_state(const Core& core, std::uint64_t seen,
                              detail::Completion<Result<ConnectionStatus>> done) {
  core->wait_state_change(seen, std::move(done));
}

bool Client::take_frame(const Core& core, Frame& out) {
  return core->take_frame(out);
}

void Client::start_operation(const Core& core, Result<base::ByteBuffer> frame, const SendOptions& options,
                             detail::Completion<Result<>> done) {
  if (frame) {
    core->operate(*std::move(frame), options, detail::Repeat::if_lost, std::move(done));
  } else {
    done.post(std::unexpected(std::move(frame).error()));
  }
}

Result<base::ByteBuffer> Client::encode(const Core& core, Op op, QoS qos, std::string_view target,
                                        std::string_view receiver, std::span<const std::byte> payload) {
  return core->encode(op, qos, target, receiver, {}, payload);
}

Result<base::ByteBuffer> Client::encode_topics(const Core& core, Op op, const Patterns& patterns) {
  return core->encode_topics(op, patterns.list());
}

}  // namespace busrt
