// A WebSocket's place in the broker: its ticket, from accept to end, and the count of what it did not get.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "broker/admission.hpp"
#include "broker/core.hpp"
#include "broker/frame_tally.hpp"
#include "transport/websocket/gateway.hpp"

namespace busrt::broker {

/// Used by the gateway's thread alone.
class WebSocketPlace final : public transport::WebSocketPlace {
 public:
  using Attach =
      std::function<bool(std::shared_ptr<transport::InprocConnection>, transport::Peer, AdmissionTicket)>;

  /// `core` outlives the gateway.
  WebSocketPlace(Core& core, AdmissionTicket ticket, Attach attach)
      : core_(core), ticket_(std::move(ticket)), attach_(std::move(attach)) {}

  [[nodiscard]] std::shared_ptr<transport::MemoryMeter> meter() const override { return ticket_->account(); }
  void on_eviction(std::function<void()> end) override { ticket_->on_eviction(std::move(end)); }
  bool attach(std::shared_ptr<transport::InprocConnection> pipes, transport::Peer peer) override {
    return attach_(std::move(pipes), std::move(peer), ticket_);
  }
  void refused(transport::WebSocketRefusal reason, const std::string& line) override {
    const bool foreign = reason == transport::WebSocketRefusal::origin;
    const RefusalReason counted = foreign ? RefusalReason::origin : RefusalReason::websocket;
    core_.admission->count(counted);
    core_.peer_log.write(counted, foreign ? base::LogLevel::warn : base::LogLevel::info, line);
  }
  void evicted() override { core_.admission->count(RefusalReason::over_memory); }
  void sent(std::span<const std::byte> bytes) override { tally_.sent(bytes); }
  void lost(std::span<const std::byte> bytes) override {
    const auto frames = tally_.lost(bytes);
    if (frames != 0) Counters::count(core_.counters.lost_after_close, frames);
  }

 private:
  Core& core_;
  const AdmissionTicket ticket_;
  const Attach attach_;
  FrameTally tally_;
};

}  // namespace busrt::broker
