// Each allocation on the broker's threads fails once while frames go from one shard to another: a batch of
// frames, a publisher that waits for room, the end of a displaced client. Nothing that was acknowledged is
// lost without a count, nothing waits for ever, and no session is forgotten.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <memory>
#include <mutex>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "broker/forwarder.hpp"
#include "broker_receiver.hpp"
#include "busrt/broker.hpp"
#include "busrt_testing/test_address.hpp"
#include "busrt_testing/wire_client.hpp"
#include "faults/injector.hpp"
#include "faults/plan.hpp"
#include "faults/stage.hpp"

namespace busrt_faults {
namespace {

using busrt_testing::WireClient;

constexpr std::size_t most_allocations_between_shards = 60;
constexpr std::size_t frames = 24;
/// Some of them fill a socket's buffer.
constexpr std::size_t frame_bytes = 64U << 10;

class ShardFaults : public testing::Test {
 protected:
  ShardFaults() { set_role(Role::exempt); }

  /// `timeout` bounds a handshake.
  void start(std::chrono::milliseconds timeout = std::chrono::seconds(5)) {
    log_.clear();
    busrt::BrokerConfig config;
    config.shards = 2;
    config.queue_frames = 4;
    config.timeout = timeout;
    config.force_register = true;
    config.log = [this](busrt::base::LogLevel, std::string_view line) {
      const std::lock_guard lock(mutex_);
      log_.emplace_back(line);
    };
    broker_ = std::make_unique<busrt::Broker>(std::move(config));
    address_ = busrt_testing::ipc_address_in(directory_.path());
    const auto bound = broker_->listen(address_);
    ASSERT_TRUE(bound) << bound.error().describe();
  }
  [[nodiscard]] WireClient connect(std::string_view name) const {
    return WireClient(busrt_testing::connect_ipc(address_), name);
  }
  [[nodiscard]] bool registered(std::string_view name) const {
    const auto clients = broker_->clients();
    return std::ranges::any_of(clients, [name](const auto& each) { return each.name == name; });
  }
  [[nodiscard]] std::uint64_t lost() const {
    const auto stats = broker_->stats();
    return std::accumulate(std::begin(stats.lost), std::end(stats.lost), std::uint64_t{0});
  }
  /// When its clients have gone, the broker holds nothing.
  void check_that_nothing_is_left(std::vector<std::string>& problems) {
    const bool left = eventually([this] {
      const auto stats = broker_->stats();
      return stats.clients == 0 && stats.connections == 0 && stats.memory_bytes == 0;
    });
    if (!left) problems.emplace_back("the broker holds clients or memory though all have gone");
  }
  void report(const Target& target, const std::vector<std::string>& problems) {
    if (problems.empty()) return;
    std::string text;
    for (const std::string& problem : problems) text += "\n  " + problem;
    const std::lock_guard lock(mutex_);
    for (const std::string& line : log_) text += "\n  log: " + line;
    ADD_FAILURE() << to_string(target) << ":" << text << "\nagain: " << how_to_repeat(target);
  }
  /// Runs `scenario`, which calls begin() when its clients are there, once to count and once for each fault.
  template <class Scenario>
  void try_each_allocation(Scenario scenario) {
    std::vector<std::string> problems;
    scenario([] { start_counting(); }, problems);
    ASSERT_TRUE(problems.empty()) << problems.front();
    const auto targets = plan_of(Call::allocate, counted(), most_allocations_between_shards);
    std::size_t met = 0;
    for (const Target& target : targets) {
      scenario([&target] { arm(target); }, problems);
      met += fired() ? 1U : 0U;
      report(target, problems);
      if (HasFailure()) break;
    }
    std::cout << targets.size() << " faults tried, " << met << " met\n";
    EXPECT_GE(met * 10, targets.size() * 5);
  }

  busrt_testing::TemporaryDirectory directory_;
  std::string address_;
  std::mutex mutex_;
  std::vector<std::string> log_;  // guarded by mutex_
  std::unique_ptr<busrt::Broker> broker_;
};

struct Published {
  std::size_t acked = 0;
  bool cut = false;
};

Published publish_all(WireClient& publisher) {
  set_role(Role::exempt);
  Published result;
  try {
    for (std::size_t i = 0; i < frames; ++i) {
      std::string payload = std::to_string(i) + ";";
      payload.resize(frame_bytes, 'x');
      if (publisher.confirmed(busrt::Op::publish, "t", payload) != 0x01) break;
      ++result.acked;
    }
  } catch (const std::exception&) {
    result.cut = true;
  }
  return result;
}

struct Taken {
  std::vector<int> numbers;
  bool cut = false;
};

/// Takes frames until the mark of the end comes or the connection ends.
Taken take_all(WireClient& receiver) {
  Taken taken;
  try {
    for (;;) {
      const auto frame = receiver.next_data();
      if (frame.topic == "end") break;
      if (frame.topic == "t") taken.numbers.push_back(std::atoi(frame.payload.c_str()));
    }
  } catch (const std::exception&) {
    taken.cut = true;
  }
  return taken;
}

TEST_F(ShardFaults, WhatIsAcknowledgedArrivesOrIsCountedAndNoPublisherWaitsForEver) {
  try_each_allocation([this](auto begin, std::vector<std::string>& problems) {
    start();
    {
      WireClient receiver = connect("receiver");
      WireClient publisher = connect("publisher");
      EXPECT_EQ(receiver.confirmed_topics(busrt::Op::subscribe, {"t", "end"}), 0x01);
      begin();
      Published published;
      std::atomic<bool> done{false};
      std::jthread sending([&] {
        published = publish_all(publisher);
        stop();
        done.store(true);
        // The mark comes from the publisher's shard, behind everything that the publisher has sent.
        try {
          const WireClient on_the_receivers_shard = connect("spare");
          connect("last").confirmed(busrt::Op::publish, "end", "");
        } catch (const std::exception& what) {
          problems.push_back(std::string("the broker does not serve newcomers: ") + what.what());
        }
      });
      // The publisher is blocked, or its connection has ended, before the receiver takes anything.
      static_cast<void>(eventually([&] { return done.load() || broker_->stats().holds != 0; }));
      const auto [numbers, receiver_cut] = take_all(receiver);
      sending.join();
      if (published.cut && registered("publisher")) problems.emplace_back("the publisher waits for ever");
      if (receiver_cut && registered("receiver")) problems.emplace_back("the receiver gets nothing any more");
      if (!std::ranges::is_sorted(numbers)) problems.emplace_back("frames arrived out of order");
      // Without its receiver, what is published later is for nobody.
      if (!receiver_cut && published.acked > numbers.size() + lost()) {
        problems.push_back(std::to_string(published.acked) + " acknowledged, " +
                           std::to_string(numbers.size()) + " arrived, " + std::to_string(lost()) +
                           " counted as lost");
      }
    }
    check_that_nothing_is_left(problems);
  });
}

TEST_F(ShardFaults, ADisplacedClientIsClosedOrStaysRegistered) {
  try_each_allocation([this](auto begin, std::vector<std::string>& problems) {
    start(std::chrono::milliseconds(500));
    {
      WireClient first = connect("name");
      begin();
      bool displaced = true;
      std::unique_ptr<WireClient> second;
      try {
        second = std::make_unique<WireClient>(busrt_testing::connect_ipc(address_), "name");
      } catch (const std::exception&) {
        displaced = false;
      }
      stop();
      if (displaced || !registered("name")) {
        try {
          if (!first.wait_for_close()) problems.emplace_back("the displaced client is not closed");
        } catch (const std::exception&) {
          problems.emplace_back("the displaced client stays connected, and receives nothing");
        }
      }
    }
    check_that_nothing_is_left(problems);
  });
}

namespace parts = busrt::broker;

/// Two shards without threads, whose loops the test turns.
class ForwardFaults : public testing::Test {
 protected:
  ForwardFaults() {
    set_role(Role::broker);
    for (std::size_t i = 0; i < 2; ++i) {
      shards_.push_back(std::make_unique<parts::Shard>(
          i, shards_,
          parts::ShardSettings{.tick_interval = std::chrono::milliseconds(100),
                               .queue_limits = {.frames = 100, .bytes = 1U << 30}}));
      shards_.back()->reserve(8);
    }
  }
  ~ForwardFaults() override { stop(); }

  class Owner final : public busrt::transport::LoopOwner {
   public:
    void end_of_batch() override {}
    bool has_deferred_output() override { return false; }
    void spin_ended(bool, std::chrono::steady_clock::duration) override {}
    void tick(std::chrono::steady_clock::time_point) override {}
    void fault(const std::exception&) noexcept override { ++faults; }
    int faults = 0;
  };

  parts::MemoryBudget budget_{1U << 30};
  parts::Counters counters_;
  parts::ShardTable shards_;
};

TEST_F(ForwardFaults, EachFrameOfABatchIsQueuedOrCountedWhicheverAllocationFails) {
  const auto bytes = std::make_shared<std::byte[]>(10'000);
  const parts::SharedFrame shared{bytes, 10'000};
  const auto write = [](std::size_t size) {
    return [size](std::byte* at) { std::fill_n(at, size, std::byte{0}); };
  };
  std::uint64_t number = 0;
  do {
    ++number;
    parts::Receiver one(*shards_[1], budget_, "one");
    parts::Receiver other(*shards_[1], budget_, "other");
    parts::Forwarder forwarder(*shards_[0], counters_, 2);
    for (const auto* receiver : {&one, &other, &one}) {
      for (int i = 0; i < 3; ++i) forwarder.add(receiver->endpoint(), 40'000, write(40'000));
      forwarder.add(receiver->endpoint(), shared);
    }
    const std::uint64_t lost_before = counters_.lost_after_close.load();
    Owner owner;
    int unsent = 0;
    arm({Role::broker, Call::allocate, number, &faults_of(Call::allocate).front()});
    forwarder.send([&unsent](const std::exception&) { ++unsent; });
    shards_[1]->loop().turn(owner);
    stop();
    EXPECT_LE(unsent, 1);
    forwarder.send([](const std::exception& what) { ADD_FAILURE() << what.what(); });
    shards_[1]->loop().turn(owner);
    EXPECT_EQ(owner.faults, 0);
    std::uint64_t queued = 0;
    for (auto* receiver : {&one, &other}) {
      EXPECT_EQ(receiver->endpoint()->depth.remote_frames.load(), 0U);
      EXPECT_EQ(receiver->endpoint()->depth.remote_bytes.load(), 0U);
      queued += receiver->endpoint()->depth.local_frames.get();
      shards_[1]->flushes().forget(receiver->output());
    }
    EXPECT_EQ(queued + counters_.lost_after_close.load() - lost_before, 12U) << "allocation " << number;
    shards_[1]->closing().clear();
  } while (fired() && !HasFailure());
  EXPECT_GT(number, 5U);
}

}  // namespace
}  // namespace busrt_faults
