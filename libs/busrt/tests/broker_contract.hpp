// What holds of every BUS/RT broker: a suite of tests that know a broker only as its clients see it. They are
// in broker_contract_*_test.cpp; who has a broker instantiates BrokerContract with a maker of it. Ours is in
// broker_contract_ours.cpp, the real one in tests/interop.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "busrt/broker.hpp"
#include "busrt_testing/wire_client.hpp"
#include "eventually.hpp"
#include "hostile_peers.hpp"

namespace busrt {

/// What busrtd has options for.
struct ContractOptions {
  bool force_register = false;
  std::chrono::milliseconds timeout{5000};
  /// If given: a queue of more frames than these costs the receiver its connection, the real broker's only
  /// rule.
  std::optional<std::size_t> queue_frames{};
};

/// A broker that runs until its destructor.
class ContractBroker {
 public:
  virtual ~ContractBroker() = default;
  /// A connection on which nothing has been said.
  [[nodiscard]] virtual std::unique_ptr<busrt_testing::Channel> channel() const = 0;
  /// Ends it in good order. Any thread.
  virtual void shutdown() = 0;
  /// What it counts, for a broker that tells.
  [[nodiscard]] virtual std::optional<BrokerStats> stats() const { return std::nullopt; }
};

struct ContractMaker {
  std::string name;
  /// Throws where the broker does not start.
  std::function<std::unique_ptr<ContractBroker>(const ContractOptions&)> start;
  /// Why there is no such broker here, for tests to be skipped; empty where there is one.
  std::function<std::string()> missing = [] { return std::string(); };
};
inline void PrintTo(const ContractMaker& maker, std::ostream* out) {
  *out << maker.name;
}

class BrokerContract : public testing::TestWithParam<ContractMaker> {
 protected:
  void SetUp() override {
    if (const std::string why = GetParam().missing(); !why.empty()) GTEST_SKIP() << why;
  }
  void start(const ContractOptions& options = {}) { broker_ = GetParam().start(options); }

  [[nodiscard]] std::unique_ptr<busrt_testing::Channel> channel() const { return broker_->channel(); }
  [[nodiscard]] busrt_testing::WireClient connect(std::string_view name) const {
    return busrt_testing::WireClient(channel(), name);
  }
  [[nodiscard]] Bystanders bystanders() const { return {connect("bystander.one"), connect("bystander.two")}; }
  /// Whether a condition on the broker's counts comes true; true for a broker that tells no counts.
  [[nodiscard]] bool counts(const std::function<bool(const BrokerStats&)>& condition) const {
    return !broker_->stats() || eventually([&] { return condition(*broker_->stats()); });
  }

  std::unique_ptr<ContractBroker> broker_;
};

}  // namespace busrt
