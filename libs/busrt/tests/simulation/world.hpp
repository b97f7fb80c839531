// One run of the simulation: everything that one seed makes happen, in one thread.
#pragma once

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "actor.hpp"
#include "books.hpp"
#include "broker_host.hpp"
#include "faults.hpp"
#include "network.hpp"
#include "oracle.hpp"
#include "plan.hpp"
#include "system.hpp"
#include "trace.hpp"

namespace busrt::simulation {

struct RunOptions {
  Weather weather = Weather::any;
  Sabotage* sabotage = nullptr;   ///< of the network
  bool hide_a_loss = false;       ///< as if the broker had forgotten to count one
  std::ostream* trace = nullptr;  ///< every line as it happens
};

struct Outcome {
  std::optional<Violation> violation;
  std::string last_lines;  ///< of the trace, where there is a violation
  std::uint64_t trace_hash = 0;
  Duration simulated{};
  std::uint64_t operations = 0;
  std::uint64_t received = 0;
  std::uint64_t connections = 0;
};

class World {
 public:
  World(std::uint64_t seed, const RunOptions& options);
  Outcome run();

 private:
  /// Until `done` says so; a violation where it does not by then.
  bool run_until(Time deadline, Duration step, const std::function<bool()>& done);
  void run_instant();
  bool run_one(std::size_t which);
  void advance(Duration step, Time deadline);
  void apply_faults();
  void be_busy();
  void recover();
  void say_goodbye();
  [[nodiscard]] bool settled() const;
  [[nodiscard]] Standing standing_of(std::uint32_t life) const;
  Outcome outcome();

  VirtualSystem system_;
  const RunOptions options_;
  const Plan plan_;
  Random random_;
  Trace trace_;
  Vocabulary words_;
  BrokerHost host_;
  Network network_;
  Oracle oracle_;
  std::vector<std::unique_ptr<Actor>> actors_;
  Faults faults_;
  std::vector<Time> shard_paused_until_;
  Time broker_returns_at_ = Time::max();
  std::vector<std::size_t> order_;
  std::vector<std::uint32_t> whole_;  // wires that held until everything had arrived
  const Time beginning_;
};

}  // namespace busrt::simulation
