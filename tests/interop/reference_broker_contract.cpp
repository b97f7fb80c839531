// The real BUS/RT broker under the contract that ours is under.
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "broker_contract.hpp"
#include "reference_broker.hpp"

namespace interop {
namespace {

/// Without the peer every test of this program is skipped, or fails where peers are required.
class PeerInstalled : public testing::Environment {
 public:
  void SetUp() override {
    if (std::filesystem::exists(reference_broker_program())) return;
    const std::string reason = "missing peer: " + reference_broker_program().string() +
                               " (tests/interop/setup_peers.sh installs it)";
    if (peers_required()) FAIL() << reason;
    GTEST_SKIP() << reason;
  }
};
[[maybe_unused]] const auto* const installed = testing::AddGlobalTestEnvironment(new PeerInstalled);

std::vector<std::string> command_line(const busrt::ContractOptions& options) {
  std::vector<std::string> words{"-t", std::to_string(static_cast<double>(options.timeout.count()) / 1000)};
  if (options.force_register) words.emplace_back("--force-register");
  return words;
}

class RealBroker : public busrt::ContractBroker {
 public:
  explicit RealBroker(const busrt::ContractOptions& options) : broker_(command_line(options)) {
    if (!broker_.start()) throw std::runtime_error("the reference broker does not start");
  }

  [[nodiscard]] std::unique_ptr<busrt_testing::Channel> channel() const override {
    return busrt_testing::connect_unix(broker_.address());
  }
  void shutdown() override { broker_.shutdown(); }

 private:
  ReferenceBroker broker_;
};

const busrt::ContractMaker real{
    "real", [](const busrt::ContractOptions& options) { return std::make_unique<RealBroker>(options); }};

}  // namespace
}  // namespace interop

namespace busrt {

INSTANTIATE_TEST_SUITE_P(Reference, BrokerContract, testing::Values(interop::real),
                         [](const auto& maker) { return maker.param.name; });

}  // namespace busrt
