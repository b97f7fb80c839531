#include "intake/data_bus.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "daemoneye/events/topics.hpp"

namespace daemoneye_agent {
namespace asio = boost::asio;
namespace event_bus = daemoneye::event_bus;

namespace {

using namespace std::chrono_literals;

event_bus::EventBusConfig bus_config(Faults& faults) {
  event_bus::EventBusConfig config;
  config.on_fault = [&faults](std::string_view what) { faults.note("the intake of a frame", what); };
  return config;
}

}  // namespace

DataBus::DataBus(const asio::any_io_executor& executor, const busrt::ClientConfig& config,
                 DataBusCallbacks callbacks, Faults& faults, Logger log)
    : peer_(peer_of(config)),
      callbacks_(std::move(callbacks)),
      faults_(faults),
      client_(std::make_shared<busrt::Client>(executor, config)),
      bus_(client_, bus_config(faults)),
      link_(executor, "data", peer_, config.timeout,
            {.open = [this] { return open(); },
             .lost = [this](std::chrono::system_clock::time_point since,
                            const std::string& why) { callbacks_.lost(since, why); },
             .restored = [this] { callbacks_.restored(); }},
            faults, std::move(log)) {
  client_->on_state([this](const busrt::ConnectionStatus& status) { link_.state_changed(status); });
}

asio::awaitable<void> DataBus::take(event_bus::BusMessage message) {
  faults_.guard("the intake of a frame", [&] { callbacks_.message(message); });
  co_return;
}

asio::awaitable<busrt::base::Result<>> DataBus::open() {
  if (!std::exchange(subscribed_, true)) {
    // Before connect(), which subscribes at the broker.
    event_bus::Subscription all;
    all.patterns = {std::string(daemoneye::events::topics::every_event),
                    std::string(daemoneye::events::topics::every_health)};
    all.when_full = event_bus::WhenFull::wait;
    auto subscribed = co_await bus_.subscribe(
        std::move(all), [this](event_bus::BusMessage message) { return take(std::move(message)); });
    if (!subscribed) co_return wrap_error(subscribed.error(), "cannot subscribe at " + peer_);
  }
  auto up = co_await bus_.connect();
  if (!up) co_return wrap_error(up.error(), "cannot join " + peer_ + " for events");
  co_return up;
}

asio::awaitable<busrt::base::Result<>> DataBus::connect() {
  co_return co_await link_.connect();
}

void DataBus::abandon() {
  link_.begin_close();
  client_->disconnect(0ms, [](const busrt::base::Result<>&) {});
}

asio::awaitable<void> DataBus::disconnect(std::chrono::milliseconds drain) {
  co_await link_.close();
  static_cast<void>(co_await bus_.shutdown(drain));
}

}  // namespace daemoneye_agent
