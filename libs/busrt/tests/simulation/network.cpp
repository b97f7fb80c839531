#include "network.hpp"

#include <algorithm>
#include <utility>

namespace busrt::simulation {

namespace {

class Door final : public transport::InprocConnector {
 public:
  Door(Network& network, std::uint32_t life) : network_(network), life_(life) {}
  Result<std::shared_ptr<transport::InprocConnection>> connect() override { return network_.connect(life_); }

 private:
  Network& network_;
  const std::uint32_t life_;
};

}  // namespace

Wire::Wire(std::uint32_t own_number, std::uint32_t owner, std::size_t broker_number, const NetworkPlan& plan,
           Random& random, Sabotage* sabotage)
    : number(own_number),
      life(owner),
      broker(broker_number),
      client_end_(std::make_shared<transport::InprocConnection>(plan.pipe_bytes, nullptr)),
      broker_end_(std::make_shared<transport::InprocConnection>(plan.pipe_bytes, nullptr)),
      up(client_end_->to_broker, broker_end_->to_broker, Tap::Direction::requests, plan, random, sabotage),
      down(broker_end_->to_client, client_end_->to_client, Tap::Direction::deliveries, plan, random,
           sabotage) {}

bool Wire::step(Time now) {
  // Both, whatever the first says.
  const bool up_moved = up.step(now);
  return down.step(now) || up_moved;
}

LocalEndpoint Network::door(std::uint32_t life) {
  return LocalEndpoint(std::make_shared<Door>(*this, life));
}

Result<std::shared_ptr<transport::InprocConnection>> Network::connect(std::uint32_t life) {
  if (!host_.accepts() || Clock::now() < refused_until_) {
    trace_.add("life {} is refused a connection", life);
    return fail(errc::io, "nobody listens");
  }
  const auto number = static_cast<std::uint32_t>(wires_.size() + 1);
  wires_.push_back(
      std::make_unique<Wire>(number, life, host_.generation(), plan_.network, random_, sabotage_));
  alive_.push_back(wires_.back().get());
  if (latest_.size() <= life) latest_.resize(life + 1);
  latest_[life] = number;
  const std::size_t shard = random_.below(plan_.broker.shards);
  trace_.add("life {} connects by wire {} to shard {}", life, number, static_cast<std::int64_t>(shard));
  host_.accept(wires_.back()->broker_end(), shard);
  return wires_.back()->client_end();
}

bool Network::step(Time now) {
  bool moved = false;
  for (Wire* wire : alive_) moved |= wire->step(now);
  std::erase_if(alive_, [](const Wire* wire) { return wire->over(); });
  return moved;
}

Time Network::next() const {
  Time next = Time::max();
  for (const Wire* wire : alive_) next = std::min(next, wire->next());
  return next;
}

bool Network::quiet() const {
  return std::ranges::all_of(alive_, [](const Wire* wire) { return wire->up.quiet() && wire->down.quiet(); });
}

std::string Network::why_not_quiet() const {
  std::string text;
  for (const Wire* wire : alive_) {
    for (const auto& [name, link] : {std::pair{"up", &wire->up}, std::pair{"down", &wire->down}}) {
      if (link->quiet()) continue;
      text += (text.empty() ? "wire " : ", wire ") + std::to_string(wire->number) + " " + name + ": " +
              link->describe();
    }
  }
  return text;
}

Wire* Network::pick_alive() {
  return alive_.empty() ? nullptr : alive_[random_.below(alive_.size())];
}

void Network::cut_one(Time now) {
  Wire* wire = pick_alive();
  if (wire == nullptr) return;
  const std::size_t which = random_.below(4);
  trace_.add("wire {} is cut: {} (1 up, 2 down, 3 both)", wire->number,
             static_cast<std::int64_t>(which == 0 ? 3 : which));
  if (which != 2) wire->up.cut(now);
  if (which != 1) wire->down.cut(now);
}

void Network::stall_one(Time now, Duration longest) {
  Wire* wire = pick_alive();
  if (wire == nullptr) return;
  const Time until = now + random_.around(longest / 2);
  const std::size_t which = random_.below(3);
  trace_.add("wire {} stalls for {} ms: {} (0 both, 1 up, 2 down)", wire->number,
             std::chrono::duration_cast<std::chrono::milliseconds>(until - now).count(),
             static_cast<std::int64_t>(which));
  if (which != 2) wire->up.stall(until);
  if (which != 1) wire->down.stall(until);
}

std::uint32_t Network::latest_of(std::uint32_t life) const {
  return life < latest_.size() ? latest_[life] : 0;
}

void Network::settle() {
  for (const auto& wire : wires_) {
    wire->up.settle();
    wire->down.settle();
  }
}

}  // namespace busrt::simulation
