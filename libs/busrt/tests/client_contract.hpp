// What our client gets of every BUS/RT broker: a suite of tests that know a broker only as the client sees
// it. They are in client_contract_*_test.cpp; who has a broker instantiates ClientContract and RpcContract
// with a maker of it. Ours is in client_contract_ours.cpp, the real one in tests/interop.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>

#include "busrt/blocking_client.hpp"
#include "client_fixture.hpp"

namespace busrt {

/// A broker that runs until its destructor.
class ClientContractBroker {
 public:
  virtual ~ClientContractBroker() = default;
  /// What a client of this name needs to connect.
  [[nodiscard]] virtual ClientConfig client(std::string name) = 0;
  /// Ends it in good order.
  virtual void shutdown() = 0;
  /// Starts another one at its address; false where no other can be had there.
  [[nodiscard]] virtual bool start_again() = 0;
};

struct ClientContractMaker {
  std::string name;
  /// Throws where the broker does not start.
  std::function<std::unique_ptr<ClientContractBroker>()> start;
  /// Why there is no such broker here, for tests to be skipped; empty where there is one.
  std::function<std::string()> missing = [] { return std::string(); };
};
inline void PrintTo(const ClientContractMaker& maker, std::ostream* out) {
  *out << maker.name;
}

class ClientContract : public testing::TestWithParam<ClientContractMaker> {
 protected:
  void SetUp() override {
    if (const std::string why = GetParam().missing(); !why.empty()) GTEST_SKIP() << why;
    broker_ = GetParam().start();
  }

  [[nodiscard]] ClientConfig config(std::string name) const { return broker_->client(std::move(name)); }
  [[nodiscard]] BlockingClient connected(std::string name) const {
    BlockingClient client(config(std::move(name)));
    if (auto up = client.connect(); !up) throw std::runtime_error(up.error().describe());
    return client;
  }

  std::unique_ptr<ClientContractBroker> broker_;
};

class RpcContract : public ClientContract {
 protected:
  [[nodiscard]] std::unique_ptr<BlockingRpcClient> make(std::string name, RpcConfig rpc = {}) const {
    return std::make_unique<BlockingRpcClient>(config(std::move(name)), rpc);
  }
  [[nodiscard]] std::unique_ptr<BlockingRpcClient> connected(std::string name, RpcConfig rpc = {}) const {
    auto client = make(std::move(name), rpc);
    if (auto up = client->connect(); !up) throw std::runtime_error(up.error().describe());
    return client;
  }
};

}  // namespace busrt
