#include "bus/bus_link.hpp"

#include <fmt/format.h>

#include <boost/asio/use_awaitable.hpp>
#include <random>
#include <utility>

#include "busrt/base/backoff.hpp"

namespace daemoneye_agent {
namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

/// Pauses between attempts where the client itself gave up.
constexpr std::chrono::milliseconds first_rejoin = 200ms;
constexpr std::chrono::milliseconds last_rejoin = 5s;

}  // namespace

std::unexpected<busrt::base::Error> wrap_error(const busrt::base::Error& error, const std::string& what) {
  return busrt::base::fail(error.code, error.message.empty() ? what : what + ": " + error.message);
}

std::string peer_of(const busrt::ClientConfig& config) {
  return config.endpoint ? "the embedded broker" : config.address;
}

BusLink::BusLink(const asio::any_io_executor& executor, std::string what, std::string peer,
                 std::chrono::milliseconds timeout, BusLinkCallbacks callbacks, Faults& faults, Logger log)
    : what_(std::move(what)),
      peer_(std::move(peer)),
      silence_(2 * timeout),
      callbacks_(std::move(callbacks)),
      faults_(faults),
      log_(std::move(log)),
      pause_(executor),
      tasks_(executor,
             [&faults](std::string_view task, std::string_view fault) { faults.note(task, fault); }) {}

asio::awaitable<busrt::base::Result<>> BusLink::connect() {
  auto up = co_await callbacks_.open();
  joined_ = up.has_value();
  co_return up;
}

void BusLink::state_changed(const busrt::ConnectionStatus& status) {
  using busrt::ConnectionState;
  if (!joined_ || closing_) return;
  if (status.state == ConnectionState::connected) {
    if (!std::exchange(lost_, false)) return;
    faults_.guard("the account of the bus", [this] { callbacks_.restored(); });
    return;
  }
  if (status.state != ConnectionState::reconnecting && status.state != ConnectionState::disconnected) return;
  if (!std::exchange(lost_, true)) {
    const std::string why = fmt::format("the agent's {} connection to {} ended{}{}", what_, peer_,
                                        status.message.empty() ? "" : ": ", status.message);
    // What came after the last frame may be lost; a silent broker is known as such only after the silence.
    const bool silent = status.reason == busrt::DisconnectReason::silent;
    const auto since = std::chrono::system_clock::now() - (silent ? silence_ : 0ms);
    faults_.guard("the account of the bus", [&] { callbacks_.lost(since, why); });
  }
  if (status.retry_in.count() != 0)
    log_.warn("bus, {}: next attempt in {} ms", what_, status.retry_in.count());
  // The client has given up; the attempts of rejoin() come by here as well.
  if (status.state == ConnectionState::disconnected && !rejoining_) {
    tasks_.spawn("the " + what_ + " connection to the bus", rejoin());
    rejoining_ = true;
  }
}

asio::awaitable<void> BusLink::rejoin() {
  busrt::base::Backoff backoff(first_rejoin, last_rejoin, busrt::base::Jitter::equal);
  std::minstd_rand random{std::random_device{}()};
  std::uniform_real_distribution<double> fraction(0.0, 1.0);
  while (!closing_) {
    const auto wait = backoff.next(fraction(random));
    log_.warn("bus, {}: next attempt in {} ms", what_, wait.count());
    pause_.expires_after(wait);
    co_await pause_.async_wait(asio::use_awaitable);
    busrt::base::Result<> up;
    try {
      up = co_await callbacks_.open();
    } catch (const std::exception& fault) {
      // Such as a want of memory: one attempt that failed, not the last one.
      up = busrt::base::fail(std::make_error_code(std::errc::io_error), fault.what());
    }
    if (up || closing_) break;
    log_.warn("bus, {}: {}", what_, up.error().describe());
  }
  rejoining_ = false;
}

asio::awaitable<void> BusLink::close() {
  closing_ = true;
  tasks_.close();
  co_await tasks_.join();
}

}  // namespace daemoneye_agent
