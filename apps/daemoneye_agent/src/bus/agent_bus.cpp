#include "bus/agent_bus.hpp"

#include <fmt/format.h>

#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <random>
#include <utility>

#include "busrt/base/backoff.hpp"
#include "busrt/msgpack.hpp"
#include "daemoneye/events/topics.hpp"

namespace daemoneye_agent {
namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

/// Pauses between attempts where the client itself gave up.
constexpr std::chrono::milliseconds first_rejoin = 200ms;
constexpr std::chrono::milliseconds last_rejoin = 5s;
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

AgentBus::AgentBus(asio::any_io_executor executor, busrt::ClientConfig config, AgentBusCallbacks callbacks,
                   Faults& faults, Logger log)
    : address_(config.endpoint ? "the embedded broker" : config.address),
      silence_(2 * config.timeout),
      callbacks_(std::move(callbacks)),
      faults_(faults),
      log_(std::move(log)),
      rpc_(busrt::Client(executor, std::move(config))),
      pause_(executor),
      tasks_(executor, [&faults](std::string_view task, std::string_view what) { faults.note(task, what); }) {
  rpc_.on_frame([this](const busrt::Frame& frame) { take(frame); });
  rpc_.client().on_state([this](const busrt::ConnectionStatus& status) { state_changed(status); });
}

template <class Call>
void AgentBus::guard(std::string_view where, Call&& call) {
  try {
    call();
  } catch (const std::exception& fault) {
    faults_.note(where, fault.what());
  }
}

void AgentBus::take(const busrt::Frame& frame) {
  if (frame.kind() != busrt::FrameKind::publish) return;
  guard("the intake of a frame", [&] {
    if (names_slow_consumer(frame)) {
      callbacks_.stall_ended();
    } else {
      callbacks_.frame(frame);
    }
  });
}

void AgentBus::state_changed(const busrt::ConnectionStatus& status) {
  using busrt::ConnectionState;
  if (!joined_ || closing_) return;
  if (status.state == ConnectionState::connected) {
    if (!std::exchange(lost_, false)) return;
    guard("the account of the bus", [this] { callbacks_.restored(); });
    return;
  }
  if (status.state != ConnectionState::reconnecting && status.state != ConnectionState::disconnected) return;
  if (!std::exchange(lost_, true)) {
    const std::string why = fmt::format("the agent's connection to {} ended{}{}", address_,
                                        status.message.empty() ? "" : ": ", status.message);
    // What came after the last frame may be lost; a silent broker is known as such only after the silence.
    const bool silent = status.reason == busrt::DisconnectReason::silent;
    const auto since = std::chrono::system_clock::now() - (silent ? silence_ : 0ms);
    guard("the account of the bus", [&] { callbacks_.lost(since, why); });
  }
  if (status.retry_in.count() != 0) log_.warn("bus: next attempt in {} ms", status.retry_in.count());
  // The client has given up; the attempts of rejoin() come by here as well.
  if (status.state == ConnectionState::disconnected && !rejoining_) {
    tasks_.spawn("the connection to the bus", rejoin());
    rejoining_ = true;
  }
}

void AgentBus::on(std::string method, busrt::RpcClient::Handler handler) {
  rpc_.on(std::move(method), std::move(handler));
}

asio::awaitable<busrt::base::Result<>> AgentBus::open() {
  auto up = co_await rpc_.connect();
  if (!up) co_return wrap(up.error(), "cannot join " + address_);
  auto subscribed = co_await rpc_.client().subscribe(
      {daemoneye::events::topics::every_event, daemoneye::events::topics::every_health});
  if (!subscribed) co_return wrap(subscribed.error(), "cannot subscribe at " + address_);
  co_return busrt::base::Result<>{};
}

asio::awaitable<busrt::base::Result<>> AgentBus::connect() {
  auto up = co_await open();
  joined_ = up.has_value();
  co_return up;
}

asio::awaitable<void> AgentBus::rejoin() {
  busrt::base::Backoff backoff(first_rejoin, last_rejoin, busrt::base::Jitter::equal);
  std::minstd_rand random{std::random_device{}()};
  std::uniform_real_distribution<double> fraction(0.0, 1.0);
  while (!closing_) {
    const auto wait = backoff.next(fraction(random));
    log_.warn("bus: next attempt in {} ms", wait.count());
    pause_.expires_after(wait);
    co_await pause_.async_wait(asio::use_awaitable);
    busrt::base::Result<> up;
    try {
      up = co_await open();
    } catch (const std::exception& fault) {
      // Such as a want of memory: one attempt that failed, not the last one.
      up = busrt::base::fail(std::make_error_code(std::errc::io_error), fault.what());
    }
    if (up || closing_) break;
    log_.warn("bus: {}", up.error().describe());
  }
  rejoining_ = false;
}

void AgentBus::abandon() {
  closing_ = true;
  // connect() returns the error that this causes.
  rpc_.client().disconnect(0ms, [](const busrt::base::Result<>&) {});
}

asio::awaitable<void> AgentBus::disconnect() {
  closing_ = true;
  // Its answer comes behind all that the broker still has for the agent, such as a collector's last words.
  static_cast<void>(
      co_await rpc_.call(busrt::broker_name, "test", {}, busrt::QoS::processed, disconnect_drain));
  tasks_.close();
  co_await tasks_.join();
  static_cast<void>(co_await rpc_.client().disconnect(disconnect_drain));
}

asio::awaitable<busrt::base::Result<boost::json::object>> AgentBus::call(std::string collector,
                                                                         std::string method,
                                                                         std::chrono::milliseconds timeout) {
  auto reply = co_await rpc_.call(collector, method, {}, busrt::QoS::processed, timeout);
  if (!reply) co_return busrt::base::fail(reply.error().code, method + ": " + reply.error().message);
  co_return parse_object(busrt::as_text(reply->payload), "its answer to " + method);
}

asio::awaitable<busrt::base::Result<boost::json::object>> AgentBus::ask_broker(std::string method) {
  auto reply = co_await rpc_.call(busrt::broker_name, method);
  if (!reply) co_return busrt::base::fail(reply.error().code, method + ": " + reply.error().message);
  auto value = busrt::msgpack::decode(reply->payload);
  if (!value) co_return std::unexpected(value.error());
  if (!value->is_object())
    co_return busrt::base::fail(busrt::errc::data, "the broker's answer to " + method + " is no map");
  co_return std::move(value->as_object());
}

asio::awaitable<void> AgentBus::publish(std::string topic, std::string text) {
  const auto sent = co_await rpc_.client().publish(topic, busrt::as_bytes(text));
  if (!sent) log_.warn("could not publish {} {}: {}", topic, text, sent.error().describe());
}

void AgentBus::announce(std::string topic, boost::json::object message) {
  const std::string name = "publishing " + topic;
  tasks_.spawn(name, publish(std::move(topic), boost::json::serialize(message)));
}

}  // namespace daemoneye_agent
