#include "broker_host.hpp"

#include <utility>

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
    shards_.push_back(std::make_unique<broker::ShardSessions>(*core_, i));
  }
}

void BrokerHost::accept(std::shared_ptr<transport::InprocConnection> connection, std::size_t shard) {
  transport::Peer peer;
  peer.kind = transport::StreamKind::local_ipc;
  connections_.push_back(connection);
  auto ticket = core_->admission->admit(peer, broker::plain_connection).value();
  shards_[shard]->post_session(transport::make_inproc_stream(std::move(connection), peer), std::move(ticket));
}

bool BrokerHost::turn(std::size_t shard) {
  if (!core_) return false;
  return shards_[shard]->turn();
}

void BrokerHost::crash() {
  books_.push_back({core_->stats(), core_->counters.lost_after_close.load(), true});
  // Nothing goes in or out any more. What the broker held is given back all the same: its books of memory are
  // to balance in the end.
  for (const auto& shard : shards_) {
    shard->shard().post([&shard = *shard] { shard.close_all(CloseReason::io_error); });
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
    for (std::size_t i = 0; i < shards_.size(); ++i) worked |= turn(i);
  }
}

void BrokerHost::destroy() {
  shards_.clear();
  core_.reset();
  connections_.clear();
}

void BrokerHost::begin_shutdown(Time deadline) {
  stopping_ = true;
  deadline_ = deadline;
  shards_[0]->shard().post([this] { shards_[0]->announce(broker_warn_topic, "shutdown", {}); });
  for (const auto& shard : shards_) {
    shard->shard().post([this, &shard = *shard] { shard.drain([this] { ++drained_; }); });
  }
}

bool BrokerHost::shutdown_step(Time now) {
  if (!closing_ && (drained_ == shards_.size() || now >= deadline_)) {
    closing_ = true;
    for (const auto& shard : shards_) {
      shard->shard().post([&shard = *shard] { shard.close_all(CloseReason::shutdown); });
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
