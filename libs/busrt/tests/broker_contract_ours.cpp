// Our broker under the contract, over every transport and shard count of its own tests.
#include <stdexcept>
#include <vector>

#include "broker_contract.hpp"
#include "broker_fixture.hpp"

namespace busrt {
namespace {

class OurBroker : public ContractBroker {
 public:
  OurBroker(const Variant& variant, const ContractOptions& options)
      : variant_(variant), broker_(configured(variant, options)) {
    if (const auto bound = broker_.listen(socket_); !bound) {
      throw std::runtime_error(bound.error().describe());
    }
  }

  [[nodiscard]] std::unique_ptr<busrt_testing::Channel> channel() const override {
    return channel_to(broker_, variant_, socket_);
  }
  void shutdown() override { broker_.shutdown(); }
  [[nodiscard]] std::optional<BrokerStats> stats() const override { return broker_.stats(); }

 private:
  static BrokerConfig configured(const Variant& variant, const ContractOptions& options) {
    BrokerConfig config;
    config.shards = variant.shards;
    config.timeout = options.timeout;
    config.force_register = options.force_register;
    if (options.queue_frames) {
      config.queue_frames = *options.queue_frames;
      config.slow_consumer = SlowConsumer::disconnect;
    }
    return config;
  }

  Variant variant_;
  TemporaryDirectory directory_;
  std::string socket_ = busrt_testing::ipc_address_in(directory_.path());
  Broker broker_;
};

std::vector<ContractMaker> our_brokers() {
  std::vector<ContractMaker> makers;
  for (const Variant& variant : all_variants()) {
    makers.push_back({variant.name, [variant](const ContractOptions& options) {
                        return std::make_unique<OurBroker>(variant, options);
                      }});
  }
  return makers;
}

INSTANTIATE_TEST_SUITE_P(All, BrokerContract, testing::ValuesIn(our_brokers()),
                         [](const auto& maker) { return maker.param.name; });

}  // namespace
}  // namespace busrt
