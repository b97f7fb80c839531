#include "broker_host.hpp"

#include <utility>

#include "broker/shard.hpp"
#include "transport/inproc_stream.hpp"

namespace busrt::simulation {

BrokerHost::~BrokerHost() {
  if (running()) crash();
}

void BrokerHost::start() {
  core_ = std::make_unique<broker::Core>(config_);
  stopping_ = closing_ = false;
  drained_ = 0;
  for (std::size_t i = 0; i < config_.shards; ++i) {
    core_->shards.push_back(std::make_unique<broker::Shard>(*core_, i));
  }
}

void BrokerHost::accept(std::shared_ptr<transport::InprocConnection> connection, std::size_t shard) {
  transport::Peer peer;
  peer.kind = transport::StreamKind::local_ipc;
  connections_.push_back(connection);
  auto ticket = core_->admission->admit(peer, broker::plain_connection).value();
  core_->shards[shard]->post_session(transport::make_inproc_stream(std::move(connection), peer),
                                     std::move(ticket));
}

bool BrokerHost::turn(std::size_t shard) {
  if (!core_) return false;
  return core_->shards[shard]->loop().turn(*core_->shards[shard]);
}

void BrokerHost::crash() {
  books_.push_back({core_->stats(), core_->counters.lost_after_close.load(), true});
  // Nothing goes in or out any more. What the broker held is given back all the same: its books of memory are
  // to balance in the end.
  for (const auto& shard : core_->shards) {
    shard->post([&shard = *shard] { shard.close_all(CloseReason::io_error); });
  }
  for (const auto& connection : connections_) {
    if (const auto open = connection.lock()) {
      open->to_broker.close();
      open->to_client.close();
    }
  }
  turn_until_idle();
  destroy();
}

void BrokerHost::turn_until_idle() {
  for (bool worked = true; worked;) {
    worked = false;
    for (std::size_t i = 0; i < core_->shards.size(); ++i) worked |= turn(i);
  }
}

void BrokerHost::destroy() {
  core_->shards.clear();
  core_.reset();
  connections_.clear();
}

void BrokerHost::begin_shutdown(Time deadline) {
  stopping_ = true;
  deadline_ = deadline;
  core_->shards[0]->post([this] { core_->shards[0]->announce(broker_warn_topic, "shutdown", {}); });
  for (const auto& shard : core_->shards) {
    shard->post([this, &shard = *shard] { shard.drain([this] { ++drained_; }); });
  }
}

bool BrokerHost::shutdown_step(Time now) {
  if (!closing_ && (drained_ == core_->shards.size() || now >= deadline_)) {
    closing_ = true;
    for (const auto& shard : core_->shards) {
      shard->post([&shard = *shard] { shard.close_all(CloseReason::shutdown); });
    }
    return false;
  }
  if (!closing_) return false;
  // What the shards still have for each other.
  turn_until_idle();
  books_.push_back({core_->stats(), core_->counters.lost_after_close.load(), false});
  destroy();
  return true;
}

void BrokerHost::hide_one_loss() {
  for (BrokerBooks& book : books_) {
    for (std::uint64_t& lost : book.stats.lost) {
      if (lost == 0) continue;
      --lost;
      return;
    }
  }
}

}  // namespace busrt::simulation
