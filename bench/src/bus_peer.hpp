// A BUS/RT broker over a unix socket: ours and the reference broker alike.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/protocol.hpp"
#include "peer.hpp"
#include "socket.hpp"
#include "stream_peer.hpp"

namespace bench {

struct BusProtocol {
  static void open(Socket& socket, const std::string& name);
  static void before_publishing(Socket&) {}
  static void subscribe(Socket& socket, const std::string& topic);
  static std::size_t append(busrt::base::ByteBuffer& out, const Publication& publication);
  static FrameInStream decode(std::span<const std::byte> bytes);
};

using BusBroker = StreamBroker<BusProtocol>;

/// A registered client for what is measured on a BUS/RT broker alone.
class BusClient {
 public:
  BusClient(const Endpoint& endpoint, const std::string& name);

  void write(std::span<const std::byte> bytes) { socket_.write(bytes); }
  /// Subscribes to all of them with one frame and waits for its ack.
  void subscribe(std::span<const std::string_view> patterns);
  /// Reads until a frame of this kind has arrived, and forgets the ones before it.
  void wait_for(busrt::FrameKind kind);
  [[nodiscard]] Socket& socket() noexcept { return socket_; }

 private:
  Socket socket_;
  busrt::base::ByteBuffer pending_;
};

class BusPeer final : public Peer {
 public:
  /// `{socket}` in a word of `command` stands for the path of the socket.
  explicit BusPeer(std::vector<std::string> command) : command_(std::move(command)) {}
  [[nodiscard]] std::unique_ptr<Broker> start() const override { return start_bus({}); }
  /// With more options, as name and value by turns.
  [[nodiscard]] std::unique_ptr<BusBroker> start_bus(const std::vector<std::string>& more) const;

 private:
  std::vector<std::string> command_;
};

}  // namespace bench
