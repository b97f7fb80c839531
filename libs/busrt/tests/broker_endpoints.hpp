// Clients without sessions, for tests of the broker's parts.
#pragma once

#include <memory>
#include <string>

#include "broker/endpoint.hpp"
#include "busrt/limits.hpp"

namespace busrt::broker {

/// Makes endpoints whose memory is charged to one budget, which outlives them.
class Endpoints {
 public:
  [[nodiscard]] EndpointRef make(const std::string& name, transport::Peer peer = {}) {
    return std::make_shared<Endpoint>(name, 0, std::move(peer), nullptr,
                                      std::make_shared<MemoryAccount>(budget));
  }
  [[nodiscard]] static transport::Peer process(int pid) {
    transport::Peer peer;
    peer.kind = transport::StreamKind::local_ipc;
    peer.pid = pid;
    return peer;
  }

  MemoryBudget budget{limits::broker_memory_bytes};
};

}  // namespace busrt::broker
