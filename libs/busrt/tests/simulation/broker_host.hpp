// The real broker, with the simulation in its threads' place: shards turn when they are told to. It can be
// shut down, crash, and begin anew.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "broker/core.hpp"
#include "broker/shard_sessions.hpp"
#include "busrt/broker.hpp"
#include "system.hpp"
#include "transport/inproc.hpp"

namespace busrt::simulation {

/// What a broker said of itself at its end.
struct BrokerBooks {
  BrokerStats stats;
  std::uint64_t lost_after_close = 0;  ///< within receiver_closed
  bool crashed = false;
};

class BrokerHost {
 public:
  explicit BrokerHost(BrokerConfig config) : config_(std::move(config)) {}
  ~BrokerHost();
  BrokerHost(const BrokerHost&) = delete;
  BrokerHost& operator=(const BrokerHost&) = delete;

  void start();
  [[nodiscard]] bool running() const noexcept { return core_ != nullptr; }
  [[nodiscard]] bool accepts() const noexcept { return running() && !stopping_; }
  /// Which broker this is, from zero.
  [[nodiscard]] std::size_t generation() const noexcept { return books_.size(); }
  [[nodiscard]] std::size_t shards() const noexcept { return config_.shards; }

  void accept(std::shared_ptr<transport::InprocConnection> connection, std::size_t shard);
  /// False when there was nothing to do.
  bool turn(std::size_t shard);
  /// At once, with everything that it held.
  void crash();
  /// As Broker::shutdown(): no more input, then what is queued goes out, at most until `deadline`.
  void begin_shutdown(Time deadline);
  /// Goes on with it. True once the broker has gone.
  bool shutdown_step(Time now);

  [[nodiscard]] BrokerStats stats() const { return core_->stats(); }
  [[nodiscard]] const std::vector<BrokerBooks>& books() const noexcept { return books_; }
  void hide_one_loss();

 private:
  void turn_until_idle();
  void destroy();

  const BrokerConfig config_;
  std::unique_ptr<broker::Core> core_;
  broker::ShardSessionsTable shards_;
  std::vector<BrokerBooks> books_;
  std::vector<std::weak_ptr<transport::InprocConnection>> connections_;
  bool stopping_ = false;
  bool closing_ = false;
  std::size_t drained_ = 0;  // shards
  Time deadline_{};
};

}  // namespace busrt::simulation
