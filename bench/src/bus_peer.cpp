#include "bus_peer.hpp"

#include <algorithm>
#include <stdexcept>

#include "wire/codec.hpp"
#include "wire/handshake.hpp"

namespace bench {

namespace {

constexpr std::uint32_t no_limit = 0xFFFFFFFF;

/// The size of the delivery at the front, or 0 where it is not complete.
std::size_t decode_front(std::span<const std::byte> bytes, busrt::wire::Delivery& delivery) {
  const auto decoded = busrt::wire::decode_delivery(bytes, no_limit, delivery);
  if (decoded.status == busrt::wire::Decoded::Status::malformed) throw std::runtime_error("malformed frame");
  return decoded.status == busrt::wire::Decoded::Status::complete ? decoded.size : 0;
}

/// Reads one ack and nothing beyond it.
void read_ack(Socket& socket) {
  busrt::base::ByteBuffer bytes;
  for (;;) {
    // The shortest frames are as long as the header of all others, and an ack is one of them.
    const bool begins = bytes.size() < busrt::wire::delivery_header_bytes;
    bytes.append(socket.read_exactly(begins ? busrt::wire::delivery_header_bytes : 1));
    busrt::wire::Delivery delivery;
    const std::size_t size = decode_front(bytes.data(), delivery);
    if (size == 0) continue;
    bytes.consume(size);
    if (delivery.kind != busrt::FrameKind::ack) continue;
    if (delivery.ack_code != 1) {
      throw std::runtime_error("the broker refused with code " + std::to_string(delivery.ack_code));
    }
    return;
  }
}

void send_subscriptions(Socket& socket, std::span<const std::string_view> patterns) {
  busrt::base::ByteBuffer frame;
  busrt::wire::append_topic_request(frame, 1, busrt::Op::subscribe, busrt::QoS::processed, patterns);
  socket.write(frame.data());
  read_ack(socket);
}

/// Options come in pairs of name and value; one that the command has already gets the new value.
void set_options(std::vector<std::string>& command, const std::vector<std::string>& options) {
  for (std::size_t i = 0; i + 1 < options.size(); i += 2) {
    const auto given = std::ranges::find(command, options[i]);
    if (given != command.end() && given + 1 != command.end()) {
      *(given + 1) = options[i + 1];
    } else {
      command.insert(command.end(), {options[i], options[i + 1]});
    }
  }
}

}  // namespace

void BusProtocol::open(Socket& socket, const std::string& name) {
  busrt::wire::ClientHandshake handshake(name);
  while (handshake.state() != busrt::wire::ClientHandshake::State::done) {
    busrt::base::ByteBuffer answer;
    handshake.feed(socket.read_exactly(1), answer);
    if (handshake.state() == busrt::wire::ClientHandshake::State::failed) {
      throw std::runtime_error("handshake refused: " + make_error_code(handshake.error()).message());
    }
    if (!answer.empty()) socket.write(answer.data());
  }
}

void BusProtocol::subscribe(Socket& socket, const std::string& topic) {
  const std::string_view patterns[] = {topic};
  send_subscriptions(socket, patterns);
}

std::size_t BusProtocol::append(busrt::base::ByteBuffer& out, const Publication& publication) {
  const std::vector<std::byte> payload(publication.payload_bytes);
  busrt::wire::append_request(out, 1, busrt::Op::publish,
                              publication.urgent ? busrt::QoS::realtime : busrt::QoS::no, publication.topic,
                              {}, {}, payload);
  return out.size() - payload.size();
}

FrameInStream BusProtocol::decode(std::span<const std::byte> bytes) {
  busrt::wire::Delivery delivery;
  const std::size_t size = decode_front(bytes, delivery);
  const bool published =
      size != 0 && delivery.kind != busrt::FrameKind::nop && delivery.kind != busrt::FrameKind::ack;
  return {size, published ? delivery.payload.data() : nullptr};
}

BusClient::BusClient(const Endpoint& endpoint, const std::string& name) : socket_(endpoint.connect()) {
  BusProtocol::open(socket_, name);
}

void BusClient::subscribe(std::span<const std::string_view> patterns) {
  send_subscriptions(socket_, patterns);
}

void BusClient::wait_for(busrt::FrameKind kind) {
  for (;;) {
    busrt::wire::Delivery delivery;
    const std::size_t size = decode_front(pending_.data(), delivery);
    if (size == 0) {
      pending_.append(socket_.read());
      continue;
    }
    pending_.consume(size);
    if (delivery.kind == kind) return;
  }
}

std::unique_ptr<BusBroker> BusPeer::start_bus(const std::vector<std::string>& more) const {
  auto directory = std::make_unique<TemporaryDirectory>();
  const Endpoint endpoint{directory->file("bus.sock"), 0};
  constexpr std::string_view place = "{socket}";
  std::vector<std::string> command = command_;
  for (std::string& word : command) {
    if (const auto at = word.find(place); at != std::string::npos)
      word.replace(at, place.size(), endpoint.path);
  }
  set_options(command, more);
  return std::make_unique<BusBroker>(std::move(directory), endpoint, command);
}

}  // namespace bench
