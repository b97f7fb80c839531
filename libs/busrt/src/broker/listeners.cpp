#include "broker/listeners.hpp"

#include <utility>

#include "broker/shard.hpp"
#include "broker/shard_call.hpp"

namespace busrt::broker {

Result<> Listeners::open(Result<Bound>& bound, const std::string& where) {
  if (!bound) return std::unexpected(std::move(bound).error());
  const std::size_t before = listeners_.size();
  Result<> opened;
  for (auto& listener : bound->listeners) {
    opened = open(listener, bound->layer, where);
    if (!opened) break;
  }
  if (opened && !bound->websockets.empty()) opened = open_websockets(*bound, where);
  if (!opened) {
    close_from(before);
    return fail(opened.error().code, "cannot listen at " + where + ": " + opened.error().message);
  }
  for (auto& connection : bound->connections) acceptor_->accept(std::move(connection), {});
  return {};
}

Result<> Listeners::open_websockets(Bound& bound, const std::string& where) {
  if (!gateway_) {
    // The gateway's thread exists only if there is a WebSocket listener.
    gateway_ = transport::make_websocket_gateway(
        [acceptor = acceptor_](const transport::Peer& peer, bool secure) {
          return acceptor->admit_websocket(peer, secure);
        },
        core_.config.timeout, core_.peer_log.sink(LineCause::accept));
  }
  bound.websocket_rules.paused = core_.pause_report(where);
  return gateway_->listen(std::move(bound.websockets), std::move(bound.websocket_rules));
}

/// Takes the listener if it can be opened.
Result<> Listeners::open(std::unique_ptr<transport::Listener>& bound, const Acceptor::Layer& layer,
                         const std::string& where) {
  transport::Listener& listener = *bound;
  listeners_.reserve(listeners_.size() + 1);
  auto accept = [acceptor = acceptor_, layer](std::unique_ptr<transport::Stream> stream) {
    acceptor->accept(std::move(stream), layer);
  };
  Shard& first = *core_.shards[0];
  auto opened = call_and_wait(first, [this, &first, &listener, &accept, &where]() -> Result<> {
    auto watched = listener.open(first.loop(), std::move(accept), core_.pause_report(where));
    if (watched) first.on_tick([&listener] { listener.retry(); });
    return watched;
  });
  if (opened) listeners_.push_back(std::move(bound));
  return opened;
}

/// They stay, closed, for the ticks that know them.
void Listeners::close_from(std::size_t first) {
  call_and_wait(*core_.shards[0], [this, first]() -> Result<> {
    for (std::size_t i = first; i < listeners_.size(); ++i) listeners_[i]->close();
    return {};
  }).value();
}

void Listeners::close() {
  if (gateway_) gateway_->stop_listening();
  close_from(0);
}

void Listeners::finish(std::chrono::steady_clock::time_point deadline) {
  listeners_.clear();
  if (gateway_) gateway_->finish(deadline);
}

}  // namespace busrt::broker
