// Our client and our broker under the contract, over every way between them.
#include <vector>

#include "all_ways.hpp"
#include "client_contract.hpp"

namespace busrt {
namespace {

class OverAWay : public ClientContractBroker {
 public:
  explicit OverAWay(Way way) : way_(way), transport_(way) { start(); }

  [[nodiscard]] ClientConfig client(std::string name) override {
    return transport_.client(std::move(name), *broker_);
  }
  void shutdown() override { broker_->shutdown(); }
  [[nodiscard]] bool start_again() override {
    if (way_ == Way::inproc) return false;
    start();
    return true;
  }

 private:
  void start() {
    BrokerConfig config;
    transport_.prepare(config);
    broker_ = std::make_unique<Broker>(std::move(config));
    transport_.listen(*broker_);
  }

  Way way_;
  Transport transport_;
  std::unique_ptr<Broker> broker_;
};

std::vector<ClientContractMaker> our_brokers() {
  std::vector<ClientContractMaker> makers;
  for (const Way way : all_ways()) {
    makers.push_back({name_of(way), [way] { return std::make_unique<OverAWay>(way); }});
  }
  return makers;
}

INSTANTIATE_TEST_SUITE_P(Ways, ClientContract, testing::ValuesIn(our_brokers()),
                         [](const auto& maker) { return maker.param.name; });
INSTANTIATE_TEST_SUITE_P(Ways, RpcContract, testing::ValuesIn(our_brokers()),
                         [](const auto& maker) { return maker.param.name; });

}  // namespace
}  // namespace busrt
