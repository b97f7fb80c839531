// ZeroMQ: publishers and subscribers around an XSUB/XPUB proxy that runs in a process of its own, over
// ipc://.
#pragma once

#include <memory>

#include "peer.hpp"

namespace bench {

class ZmqPeer final : public Peer {
 public:
  [[nodiscard]] std::unique_ptr<Broker> start() const override;
  [[nodiscard]] bool writes_when_told() const override { return false; }
};

}  // namespace bench
