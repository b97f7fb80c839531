// The real BUS/RT broker under the contracts that ours is under, by raw frames and with our client library;
// and our client when that broker is started again.
#include "reference_broker.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "broker_contract.hpp"
#include "client_contract.hpp"

namespace interop {
namespace {

using busrt::as_bytes;
using busrt::BlockingClient;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

/// Throws where peers are required.
std::string missing_peer() {
  if (std::filesystem::exists(reference_broker_program())) return {};
  std::string reason =
      "missing peer: " + reference_broker_program().string() + " (tests/interop/setup_peers.sh installs it)";
  if (peers_required()) throw std::runtime_error(reason);
  return reason;
}

void start(ReferenceBroker& broker) {
  if (!broker.start()) throw std::runtime_error("the reference broker does not start");
}

std::vector<std::string> command_line(const busrt::ContractOptions& options) {
  std::vector<std::string> words{"-t", std::to_string(static_cast<double>(options.timeout.count()) / 1000)};
  if (options.force_register) words.emplace_back("--force-register");
  if (options.queue_frames)
    words.insert(words.end(), {"--queue-size", std::to_string(*options.queue_frames)});
  return words;
}

class ForFrames : public busrt::ContractBroker {
 public:
  explicit ForFrames(const busrt::ContractOptions& options) : broker_(command_line(options)) {
    start(broker_);
  }

  [[nodiscard]] std::unique_ptr<busrt_testing::Channel> channel() const override {
    return busrt_testing::connect_unix(broker_.address());
  }
  void shutdown() override { broker_.shutdown(); }

 private:
  ReferenceBroker broker_;
};

class ForClients : public busrt::ClientContractBroker {
 public:
  ForClients() { start(broker_); }

  [[nodiscard]] busrt::ClientConfig client(std::string name) override {
    return {.name = std::move(name), .address = broker_.address()};
  }
  void shutdown() override { broker_.shutdown(); }
  [[nodiscard]] bool start_again() override {
    start(broker_);
    return true;
  }

 private:
  ReferenceBroker broker_;
};

const busrt::ContractMaker for_frames{
    "real", [](const busrt::ContractOptions& options) { return std::make_unique<ForFrames>(options); },
    missing_peer};
const busrt::ClientContractMaker for_clients{"real", [] { return std::make_unique<ForClients>(); },
                                             missing_peer};

TEST(ReferenceBroker, StartedAgainGetsTheSubscriptionsAndWhatWasNotConfirmed) {
  if (const std::string why = missing_peer(); !why.empty()) GTEST_SKIP() << why;
  ReferenceBroker broker;
  start(broker);
  BlockingClient subscriber({.name = "subscriber", .address = broker.address()});
  BlockingClient publisher({.name = "publisher", .address = broker.address()});
  ASSERT_TRUE(subscriber.connect());
  ASSERT_TRUE(publisher.connect());
  ASSERT_TRUE(subscriber.subscribe({"kept/#"}));
  ASSERT_TRUE(subscriber.exclude({"kept/not"}));
  ASSERT_TRUE(publisher.publish("kept/a", as_bytes("before")));
  EXPECT_EQ(subscriber.receive(20s)->text(), "before");
  broker.stop();
  for (BlockingClient* client : {&subscriber, &publisher}) {
    while (client->status().state == busrt::ConnectionState::connected) (void)client->receive(100ms);
  }
  start(broker);
  ASSERT_TRUE(subscriber.wait_connected(20s));
  ASSERT_TRUE(publisher.publish("kept/not", as_bytes("excluded")));
  ASSERT_TRUE(publisher.publish("kept/b", as_bytes("after")));
  EXPECT_EQ(subscriber.receive(20s)->text(), "after");
}

}  // namespace
}  // namespace interop

namespace busrt {

INSTANTIATE_TEST_SUITE_P(Reference, BrokerContract, testing::Values(interop::for_frames),
                         [](const auto& maker) { return maker.param.name; });
INSTANTIATE_TEST_SUITE_P(Reference, ClientContract, testing::Values(interop::for_clients),
                         [](const auto& maker) { return maker.param.name; });
INSTANTIATE_TEST_SUITE_P(Reference, RpcContract, testing::Values(interop::for_clients),
                         [](const auto& maker) { return maker.param.name; });

}  // namespace busrt
