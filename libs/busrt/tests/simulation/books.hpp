// The rules that can be looked at only when everything is over: at least once, and that what is missing is
// what was counted.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "broker_host.hpp"
#include "network.hpp"
#include "oracle.hpp"

namespace busrt::simulation {

/// Every client has left or crashed, every broker has ended, and the network is settled.
class Books {
 public:
  /// `whole`: connections that held until there was nothing more to come. What was to arrive there has.
  Books(Oracle& oracle, const Network& network, const std::vector<BrokerBooks>& brokers, SlowConsumer rule,
        std::vector<std::uint32_t> whole)
      : oracle_(oracle), network_(network), brokers_(brokers), rule_(rule), whole_(std::move(whole)) {}

  void check();

 private:
  /// What reached nobody, by broker, as far as the checks can tell.
  struct Missing {
    std::uint64_t never_written = 0;  ///< taken for a receiver whose connection ended before it was written
    std::uint64_t dropped = 0;        ///< found no room
  };

  void look_through_operations();
  void look_for(const Operation& operation, const Presence& presence);
  void check_input(std::size_t broker);
  void check_output(std::size_t broker);
  void check_missing(std::size_t broker);
  void check_client(const LifeRecord& life);
  [[nodiscard]] bool was_written(const Wire& wire, std::uint32_t operation) const;
  [[nodiscard]] std::uint64_t held_at_crash(std::size_t broker) const;

  Oracle& oracle_;
  const Network& network_;
  const std::vector<BrokerBooks>& brokers_;
  const SlowConsumer rule_;
  const std::vector<std::uint32_t> whole_;  // wires
  std::vector<Missing> missing_;            // by broker
};

}  // namespace busrt::simulation
