#include "bus/control_bus.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "busrt/msgpack.hpp"

namespace daemoneye_agent {
namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

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
  if (frame.kind() != busrt::FrameKind::publish) return false;
  if (frame.topic() != busrt::broker_warn_topic || frame.sender() != busrt::broker_name) return false;
  const auto news = busrt::msgpack::decode(frame.payload());
  if (!news || !news->is_object()) return false;
  const auto* subject = news->get_object().if_contains("s");
  return subject != nullptr && subject->is_string() && subject->get_string() == "slow_consumer";
}

}  // namespace

ControlBus::ControlBus(asio::any_io_executor executor, busrt::ClientConfig config, Callbacks callbacks,
                       Faults& faults, Logger log)
    : peer_(peer_of(config)),
      callbacks_(std::move(callbacks)),
      faults_(faults),
      log_(std::move(log)),
      rpc_(busrt::Client(executor, config)),
      link_(executor, "control", peer_, config.timeout,
            {.open = [this] { return open(); },
             .lost =
                 [this](std::chrono::system_clock::time_point, const std::string& why) {
                   log_.error("{}; no collector can be asked until it is back", why);
                 },
             .restored = [this] { log_.info("bus, control: connected again"); }},
            faults, log_),
      tasks_(executor, [&faults](std::string_view task, std::string_view what) { faults.note(task, what); }) {
  rpc_.on_frame([this](const busrt::Frame& frame) { take(frame); });
  rpc_.client().on_state([this](const busrt::ConnectionStatus& status) { link_.state_changed(status); });
}

void ControlBus::take(const busrt::Frame& frame) {
  faults_.guard("the broker's news", [&] {
    if (names_slow_consumer(frame)) callbacks_.stall_ended();
  });
}

asio::awaitable<busrt::base::Result<>> ControlBus::open() {
  auto up = co_await rpc_.connect();
  if (!up) co_return wrap_error(up.error(), "cannot join " + peer_);
  co_return up;
}

asio::awaitable<busrt::base::Result<>> ControlBus::connect() {
  co_return co_await link_.connect();
}

void ControlBus::abandon() {
  link_.begin_close();
  // connect() returns the error that this causes.
  rpc_.client().disconnect(0ms, [](const busrt::base::Result<>&) {});
}

asio::awaitable<void> ControlBus::disconnect() {
  link_.begin_close();
  // Its answer comes behind what was announced.
  static_cast<void>(
      co_await rpc_.call(busrt::broker_name, "test", {}, busrt::QoS::processed, disconnect_drain));
  co_await link_.close();
  tasks_.close();
  co_await tasks_.join();
  static_cast<void>(co_await rpc_.client().disconnect(disconnect_drain));
}

asio::awaitable<busrt::base::Result<boost::json::object>> ControlBus::call(
    std::string collector, std::string method, std::chrono::milliseconds timeout) {
  auto reply = co_await rpc_.call(collector, method, {}, busrt::QoS::processed, timeout);
  if (!reply) co_return busrt::base::fail(reply.error().code, method + ": " + reply.error().message);
  co_return parse_object(busrt::as_text(reply->payload), "its answer to " + method);
}

asio::awaitable<busrt::base::Result<boost::json::object>> ControlBus::ask_broker(std::string method) {
  auto reply = co_await rpc_.call(busrt::broker_name, method);
  if (!reply) co_return busrt::base::fail(reply.error().code, method + ": " + reply.error().message);
  auto value = busrt::msgpack::decode(reply->payload);
  if (!value) co_return std::unexpected(value.error());
  if (!value->is_object())
    co_return busrt::base::fail(busrt::errc::data, "the broker's answer to " + method + " is no map");
  co_return std::move(value->as_object());
}

asio::awaitable<void> ControlBus::publish(std::string topic, std::string text) {
  const auto sent = co_await rpc_.client().publish(topic, busrt::as_bytes(text));
  if (!sent) log_.warn("could not publish {} {}: {}", topic, text, sent.error().describe());
}

void ControlBus::announce(std::string topic, boost::json::object message) {
  const std::string name = "publishing " + topic;
  tasks_.spawn(name, publish(std::move(topic), boost::json::serialize(message)));
}

}  // namespace daemoneye_agent
