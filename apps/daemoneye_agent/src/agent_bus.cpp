// One RpcClient that outlives its connections.
#include "agent_bus.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "busrt/msgpack.hpp"
#include "supervisor/backoff.hpp"

namespace daemoneye_agent {
namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

/// How often the connection is looked at: the longest time for which the agent does not know that it is deaf.
constexpr std::chrono::milliseconds connection_check_interval = 250ms;
/// Waits between attempts to reconnect.
constexpr std::chrono::milliseconds first_reconnect = 100ms;
constexpr std::chrono::milliseconds last_reconnect = 5s;
/// A connection that ends earlier counts like an attempt that failed: two agents of one name on a broker with
/// --force-register would otherwise displace each other without a pause. Twice the longest wait, so that
/// neither lasts when both take turns.
constexpr std::chrono::milliseconds lasting_connection = 2 * last_reconnect;
/// How long the agent's last words may take to leave.
constexpr std::chrono::milliseconds disconnect_drain = 1s;

busrt::base::Result<boost::json::object> parse_object(std::string_view text, const std::string& what) {
  boost::system::error_code failed;
  boost::json::value value = boost::json::parse(text, failed);
  if (failed) return busrt::base::fail(failed, what + " is no JSON");
  if (!value.is_object()) return busrt::base::fail(busrt::errc::data, what + " is no JSON object");
  return std::move(value.as_object());
}

/// `.broker/warn` {s: "slow_consumer", d: client}, which the broker sends to every client.
bool names_slow_consumer(const busrt::Frame& frame) {
  if (frame.topic() != busrt::broker_warn_topic || frame.sender() != busrt::broker_name) return false;
  const auto news = busrt::msgpack::decode(frame.payload());
  if (!news || !news->is_object()) return false;
  const auto* subject = news->get_object().if_contains("s");
  return subject != nullptr && subject->is_string() && subject->get_string() == "slow_consumer";
}

/// The same error with what was tried in front.
std::unexpected<busrt::base::Error> wrap(const busrt::base::Error& error, const std::string& what) {
  return busrt::base::fail(error.code, error.message.empty() ? what : what + ": " + error.message);
}

}  // namespace

AgentBus::Core::Core(asio::any_io_executor executor_in, busrt::ClientConfig config,
                     AgentBusCallbacks callbacks_in, Logger log_in)
    : executor(executor_in),
      address(config.endpoint ? "the embedded broker" : config.address),
      rpc(busrt::Client(executor_in, std::move(config))),
      callbacks(std::move(callbacks_in)),
      log(std::move(log_in)),
      pause(executor_in) {}

AgentBus::AgentBus(asio::any_io_executor executor, busrt::ClientConfig config, AgentBusCallbacks callbacks,
                   Logger log)
    : core_(std::make_shared<Core>(std::move(executor), std::move(config), std::move(callbacks),
                                   std::move(log))) {
  core_->rpc.on_frame([weak = std::weak_ptr(core_)](busrt::Frame frame) {
    const auto core = weak.lock();
    if (!core || frame.kind() != busrt::FrameKind::publish) return;
    if (names_slow_consumer(frame)) {
      core->callbacks.stall_ended();
    } else {
      core->callbacks.frame(frame);
    }
  });
}

void AgentBus::on(std::string method, busrt::RpcClient::Handler handler) {
  core_->rpc.on(std::move(method), std::move(handler));
}

asio::awaitable<busrt::base::Result<>> AgentBus::Core::open() {
  auto up = co_await rpc.connect();
  if (!up) co_return wrap(up.error(), "cannot join " + address);
  auto heard = co_await rpc.client().subscribe({"events.*", "health.*"});
  if (!heard) co_return wrap(heard.error(), "cannot subscribe at " + address);
  co_return busrt::base::Result<>{};
}

asio::awaitable<busrt::base::Result<>> AgentBus::connect() {
  auto up = co_await core_->open();
  if (up) asio::co_spawn(core_->executor, Core::keep_open(core_), asio::detached);
  co_return up;
}

asio::awaitable<void> AgentBus::Core::keep_open(std::shared_ptr<Core> self) {
  boost::system::error_code ignored;
  Backoff backoff(first_reconnect, last_reconnect);
  std::chrono::milliseconds wait = connection_check_interval;
  bool down = false;
  auto up_since = std::chrono::steady_clock::now();
  auto last_up = std::chrono::system_clock::now();
  for (;;) {
    self->pause.expires_after(wait);
    co_await self->pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (self->closing) co_return;
    wait = connection_check_interval;
    if (self->rpc.client().connected()) {
      last_up = std::chrono::system_clock::now();
      continue;
    }
    if (!down) {
      down = true;
      self->callbacks.lost(last_up, "the agent's connection to " + self->address + " ended");
      if (std::chrono::steady_clock::now() - up_since < lasting_connection) {
        wait = backoff.next(1.0);
        self->log.warn("the connection did not last; next attempt in {} ms", wait.count());
        continue;
      }
      backoff.reset();
    }
    auto up = co_await self->open();
    if (self->closing) co_return;
    if (up) {
      down = false;
      last_up = std::chrono::system_clock::now();
      up_since = std::chrono::steady_clock::now();
      self->callbacks.restored();
    } else {
      wait = backoff.next(1.0);
      self->log.warn("{}; next attempt in {} ms", up.error().describe(), wait.count());
    }
  }
}

void AgentBus::abandon() {
  core_->closing = true;
  core_->rpc.client().disconnect(0ms, asio::detached);
}

asio::awaitable<void> AgentBus::disconnect() {
  core_->closing = true;
  core_->pause.cancel();
  // Its answer comes behind all that the broker still has for the agent, such as a collector's last words.
  static_cast<void>(
      co_await core_->rpc.call(busrt::broker_name, "test", {}, busrt::QoS::processed, disconnect_drain));
  static_cast<void>(co_await core_->rpc.client().disconnect(disconnect_drain));
}

asio::awaitable<busrt::base::Result<boost::json::object>> AgentBus::call(std::string collector,
                                                                         std::string method,
                                                                         std::chrono::milliseconds timeout) {
  const auto core = core_;
  auto reply = co_await core->rpc.call(collector, method, {}, busrt::QoS::processed, timeout);
  if (!reply) co_return busrt::base::fail(reply.error().code, method + ": " + reply.error().message);
  co_return parse_object(busrt::as_text(reply->payload), "its answer to " + method);
}

asio::awaitable<busrt::base::Result<boost::json::object>> AgentBus::ask_broker(std::string method) {
  const auto core = core_;
  auto reply = co_await core->rpc.call(busrt::broker_name, method);
  if (!reply) co_return busrt::base::fail(reply.error().code, method + ": " + reply.error().message);
  auto value = busrt::msgpack::decode(reply->payload);
  if (!value) co_return std::unexpected(value.error());
  if (!value->is_object())
    co_return busrt::base::fail(busrt::errc::data, "the broker's answer to " + method + " is no map");
  co_return std::move(value->as_object());
}

namespace {

asio::awaitable<void> publish(std::shared_ptr<void> keep, busrt::Client& client, Logger log,
                              std::string topic, std::string text) {
  const auto sent = co_await client.publish(topic, busrt::as_bytes(text));
  if (!sent) log.warn("could not publish {} {}: {}", topic, text, sent.error().describe());
  keep.reset();
}

}  // namespace

void AgentBus::announce(std::string topic, boost::json::object message) {
  asio::co_spawn(
      core_->executor,
      publish(core_, core_->rpc.client(), core_->log, std::move(topic), boost::json::serialize(message)),
      asio::detached);
}

}  // namespace daemoneye_agent
