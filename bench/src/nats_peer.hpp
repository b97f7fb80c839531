// nats-server: its text protocol over loopback TCP, because it has no unix sockets.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "peer.hpp"
#include "socket.hpp"
#include "stream_peer.hpp"

namespace bench {

struct NatsProtocol {
  static void open(Socket& socket, const std::string& name);
  static void before_publishing(Socket&) {}
  static void subscribe(Socket& socket, const std::string& topic);
  static std::size_t append(busrt::base::ByteBuffer& out, const Publication& publication);
  static FrameInStream decode(std::span<const std::byte> bytes);
};

class NatsPeer final : public Peer {
 public:
  [[nodiscard]] std::unique_ptr<Broker> start() const override;
};

}  // namespace bench
