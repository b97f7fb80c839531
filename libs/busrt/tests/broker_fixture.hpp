// A real broker in this process, and clients that reach it over every transport and shard count.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "ack_codes.hpp"
#include "busrt/broker.hpp"
#include "busrt_testing/test_address.hpp"
#include "busrt_testing/wire_client.hpp"
#include "eventually.hpp"

namespace busrt {

using busrt_testing::Received;
using busrt_testing::TemporaryDirectory;
using busrt_testing::WireClient;

struct Variant {
  std::string name;
  std::size_t shards;
  bool inproc;
};

inline std::vector<Variant> all_variants() {
  return {{"ipc_1_shard", 1, false},
          {"ipc_3_shards", 3, false},
          {"inproc_1_shard", 1, true},
          {"inproc_3_shards", 3, true}};
}

inline std::unique_ptr<busrt_testing::Channel> channel_to(const Broker& broker, const Variant& variant,
                                                          const std::string& socket) {
  return variant.inproc ? busrt_testing::connect_inproc(broker.local()) : busrt_testing::connect_ipc(socket);
}

class BrokerTest : public testing::TestWithParam<Variant> {
 protected:
  void start(BrokerConfig config = {}) {
    config.shards = GetParam().shards;
    config.log = [this](busrt::base::LogLevel, std::string_view line) {
      {
        const std::lock_guard lock(mutex_);
        log_.emplace_back(line);
      }
      if (on_log_) on_log_(line);
    };
    broker_ = std::make_unique<Broker>(config);
    socket_ = busrt_testing::ipc_address_in(directory_.path());
    const auto bound = broker_->listen(socket_);
    ASSERT_TRUE(bound) << bound.error().describe();
  }

  [[nodiscard]] std::unique_ptr<busrt_testing::Channel> channel() const {
    return channel_to(*broker_, GetParam(), socket_);
  }
  [[nodiscard]] WireClient connect(std::string_view name) const { return WireClient(channel(), name); }

  [[nodiscard]] bool logged(std::string_view words) {
    const std::lock_guard lock(mutex_);
    for (const std::string& line : log_) {
      if (line.find(words) != std::string::npos) return true;
    }
    return false;
  }
  [[nodiscard]] std::uint64_t lost(LossCause cause) const {
    return broker_->stats().lost[static_cast<std::size_t>(cause)];
  }
  [[nodiscard]] ClientInfo info(std::string_view name) const {
    for (const ClientInfo& client : broker_->clients()) {
      if (client.name == name) return client;
    }
    return {};
  }

  TemporaryDirectory directory_;
  std::string socket_;
  std::mutex mutex_;
  std::vector<std::string> log_;
  std::function<void(std::string_view)> on_log_;  // on the broker's thread; set before start()
  std::unique_ptr<Broker> broker_;
};

}  // namespace busrt
