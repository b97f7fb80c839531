#include "world.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <sstream>
#include <utility>

namespace busrt::simulation {

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

/// Deadlines of clients and brokers are looked at this often; while nothing goes wrong, more rarely.
constexpr Duration busy_step = 4ms;
constexpr Duration quiet_step = 20ms;
/// Longer than any operation may wait, with reconnecting and stalls that are under way.
constexpr Duration patience = 90s;
/// Nothing has moved for so long: it is quiet, not only between two deadlines.
constexpr Duration quiet_for = 400ms;
/// More rounds at one moment are a loop that does not end.
constexpr int most_rounds = 400000;

/// What the broker has to say goes beside the trace, where somebody reads it.
BrokerConfig with_log(BrokerConfig config, std::ostream* out) {
  if (out != nullptr) {
    config.log = [out](busrt::base::LogLevel, std::string_view line) {
      *out << "              broker: " << line << '\n';
    };
  }
  return config;
}

Vocabulary make_vocabulary(const Plan& plan) {
  Vocabulary words;
  for (std::size_t i = 0; i < plan.clients.size(); ++i) {
    words.names.push_back(std::string(i % 2 == 0 ? "u." : "v.") + static_cast<char>('a' + i));
  }
  if (plan.secondary) words.names.back() = words.names.front() + "%%second";
  words.names.emplace_back("nobody");
  words.masks = {"u.*", "*", "?.b", "v.?", "w.*"};
  words.topics = {"a", "a/x", "a/y", "b/x", "b/y/z"};
  words.patterns = {"a/#", "a/+", "#", "+/x", "b/y/z", "a", "b/#"};
  return words;
}

}  // namespace

World::World(std::uint64_t seed, const RunOptions& options)
    : system_(seed),
      options_(options),
      plan_(make_plan(seed, options.weather)),
      random_(seed),
      trace_(options.trace),
      words_(make_vocabulary(plan_)),
      host_(with_log(plan_.broker, options.trace)),
      network_(plan_, random_, host_, trace_, options.sabotage),
      oracle_(trace_, [this](std::uint32_t life) { return standing_of(life); }),
      faults_(plan_.faults, random_, Clock::now()),
      shard_paused_until_(plan_.broker.shards),
      beginning_(Clock::now()) {
  host_.start();
  for (std::size_t i = 0; i < plan_.clients.size(); ++i) {
    actors_.push_back(std::make_unique<Actor>(words_.names[i], plan_, plan_.clients[i], words_, random_,
                                              network_, oracle_, trace_));
  }
  order_.resize(actors_.size() + plan_.broker.shards + 1);
  std::iota(order_.begin(), order_.end(), std::size_t{0});
}

Standing World::standing_of(std::uint32_t life) const {
  const auto actor = std::ranges::find_if(actors_, [life](const auto& each) { return each->life() == life; });
  if (actor == actors_.end()) return {};
  Standing standing = (*actor)->standing();
  if (plan_.secondary && *actor == actors_.back()) {
    const Standing primary = actors_.front()->standing();
    standing.primary_wire = primary.wire;
    // It went with an earlier connection of the primary, if it was there then; its session may not know yet.
    standing.served = standing.served && primary.connected && primary.served && standing.wire > primary.wire;
  }
  return standing;
}

Outcome World::run() {
  for (const auto& actor : actors_) actor->start();
  be_busy();
  recover();
  say_goodbye();
  if (!oracle_.violation()) {
    network_.settle();
    if (options_.hide_a_loss) host_.hide_one_loss();
    Books(oracle_, network_, host_.books(), plan_.broker.slow_consumer, whole_).check();
  }
  return outcome();
}

Outcome World::outcome() {
  Outcome result;
  result.violation = oracle_.violation();
  if (result.violation) {
    std::ostringstream lines;
    trace_.write_last_lines(lines);
    result.last_lines = lines.str();
  }
  result.trace_hash = trace_.hash();
  result.simulated = Clock::now() - beginning_;
  result.operations = oracle_.operations().size();
  result.connections = network_.wires().size();
  for (const LifeRecord& life : oracle_.lives()) result.received += life.received;
  return result;
}

// ---- one moment, and the next ----

bool World::run_one(std::size_t which) {
  const Time now = Clock::now();
  if (which < actors_.size()) {
    Actor& actor = *actors_[which];
    return !actor.paused(now) && actor.poll();
  }
  which -= actors_.size();
  if (which == plan_.broker.shards) return network_.step(now);
  return now >= shard_paused_until_[which] && host_.turn(which);
}

/// Everything that can be done without time going on, by all, in ever other orders.
void World::run_instant() {
  for (int rounds = 0; rounds < most_rounds && !oracle_.violation(); ++rounds) {
    random_.shuffle(std::span(order_));
    bool moved = false;
    for (const std::size_t which : order_) moved |= run_one(which);
    if (!moved) return;
  }
  oracle_.violate("liveness", "at one moment there is always more to do");
}

void World::advance(Duration step, Time deadline) {
  const Time now = Clock::now();
  Time next = std::min({now + step, std::max(deadline, now + 1us), broker_returns_at_});
  const auto consider = [&next, now](Time time) {
    if (time > now) next = std::min(next, time);
  };
  consider(network_.next());
  for (const auto& actor : actors_) consider(actor->next());
  system_.advance_to(std::max(next, now + 1us));
}

bool World::run_until(Time deadline, Duration step, const std::function<bool()>& done) {
  while (!oracle_.violation()) {
    for (const auto& actor : actors_) {
      if (!actor->paused(Clock::now())) actor->act(Clock::now());
    }
    if (Clock::now() >= broker_returns_at_) {
      broker_returns_at_ = Time::max();
      trace_.add("broker {} begins", static_cast<std::int64_t>(host_.generation()));
      host_.start();
    }
    run_instant();
    if (host_.running() && !host_.accepts() && host_.shutdown_step(Clock::now())) {
      trace_.add("the broker has ended");
      broker_returns_at_ = Clock::now() + random_.around(200ms);
    }
    if (done()) return true;
    if (Clock::now() >= deadline) return false;
    advance(step, deadline);
  }
  return false;
}

// ---- what happens ----

void World::apply_faults() {
  const Time now = Clock::now();
  while (const auto fault = faults_.due(now)) {
    Actor& actor = *actors_[random_.below(actors_.size())];
    switch (*fault) {
      case Fault::cut:
        network_.cut_one(now);
        break;
      case Fault::stall:
        network_.stall_one(now, plan_.broker.timeout * 3);
        break;
      case Fault::refuse:
        network_.refuse(now + random_.around(300ms));
        break;
      case Fault::client_crash:
        actor.crash();
        break;
      case Fault::client_leave:
        actor.leave(random_.pick({milliseconds(0), milliseconds(50), milliseconds(2000)}));
        break;
      case Fault::broker_crash:
        if (!host_.running()) break;
        trace_.add("the broker crashes");
        host_.crash();
        broker_returns_at_ = now + random_.around(400ms);
        break;
      case Fault::broker_restart:
        if (!host_.accepts()) break;
        trace_.add("the broker shuts down");
        host_.begin_shutdown(now + random_.pick<Duration>({0ms, 30ms, 500ms}));
        break;
      case Fault::shard_pause:
        shard_paused_until_[random_.below(plan_.broker.shards)] = now + random_.around(150ms);
        break;
      case Fault::client_pause:
        actor.pause(now + random_.around(plan_.broker.timeout / 2));
        break;
    }
  }
}

void World::be_busy() {
  run_until(Clock::now() + plan_.busy, busy_step, [this] {
    apply_faults();
    return false;
  });
}

bool World::settled() const {
  return host_.accepts() && network_.quiet() &&
         std::ranges::all_of(actors_, [](const auto& actor) { return actor->settled(); });
}

void World::recover() {
  trace_.add("nothing goes wrong any more");
  network_.refuse({});
  std::ranges::fill(shard_paused_until_, Time{});
  for (const auto& actor : actors_) actor->calm_down();
  Time since = Clock::now();
  const bool done = run_until(Clock::now() + patience, quiet_step, [this, &since] {
    if (!settled()) since = Clock::now();
    return Clock::now() - since >= quiet_for;
  });
  if (oracle_.violation()) return;
  if (!done) {
    std::string who;
    for (const auto& actor : actors_) {
      if (!actor->settled()) who += (who.empty() ? "" : "; ") + actor->why_not_settled();
    }
    oracle_.violate("liveness", "not all is well again: " + (who.empty() ? network_.why_not_quiet() : who));
    return;
  }
  for (const auto& actor : actors_) whole_.push_back(network_.latest_of(actor->life()));
}

void World::say_goodbye() {
  // The last may be a secondary, which its primary would take with it.
  for (auto actor = actors_.rbegin(); actor != actors_.rend() && !oracle_.violation(); ++actor) {
    (*actor)->leave(milliseconds(5000), true);
    const bool left = run_until(Clock::now() + patience, quiet_step, [&actor] { return (*actor)->gone(); });
    if (!left) oracle_.violate("liveness", "a client does not leave: " + (*actor)->why_not_settled());
  }
  if (oracle_.violation()) return;
  host_.begin_shutdown(Clock::now() + 500ms);
  const bool ended = run_until(Clock::now() + patience, quiet_step, [this] { return !host_.running(); });
  if (!ended) oracle_.violate("liveness", "the broker does not end");
  broker_returns_at_ = Time::max();
  // What is still under way arrives nowhere, but has to be seen.
  run_until(Clock::now() + 1s, quiet_step, [] { return false; });
}

}  // namespace busrt::simulation
