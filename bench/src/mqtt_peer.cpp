#include "mqtt_peer.hpp"

#include <unistd.h>

#include <stdexcept>
#include <string_view>
#include <vector>

namespace bench {

namespace {

constexpr std::uint8_t connect_packet = 0x10;
constexpr std::uint8_t connack_packet = 0x20;
constexpr std::uint8_t publish_packet = 0x30;
constexpr std::uint8_t subscribe_packet = 0x82;
constexpr std::uint8_t suback_packet = 0x90;
constexpr std::size_t most_length_bytes = 4;

void append_text(busrt::base::ByteBuffer& out, std::string_view text) {
  const std::byte size[] = {std::byte(text.size() >> 8U), std::byte(text.size() & 0xFFU)};
  out.append(size);
  out.append(text);
}

/// The fixed header: the packet's type and the length of the rest, seven bits to a byte.
void append_header(busrt::base::ByteBuffer& out, std::uint8_t type, std::size_t rest) {
  std::vector<std::byte> header{std::byte{type}};
  do {
    header.push_back(std::byte((rest & 0x7FU) | (rest > 0x7FU ? 0x80U : 0U)));
    rest >>= 7U;
  } while (rest != 0);
  out.append(header);
}

void send_packet(Socket& socket, std::uint8_t type, const busrt::base::ByteBuffer& body) {
  busrt::base::ByteBuffer packet;
  append_header(packet, type, body.size());
  packet.append(body.data());
  socket.write(packet.data());
}

/// Reads an answer of this type, whose last byte is a code, 0 for well done; they are all shorter than 128
/// bytes.
void read_answer(Socket& socket, std::uint8_t type) {
  const auto header = socket.read_exactly(2);
  const auto body = socket.read_exactly(std::to_integer<std::size_t>(header[1]));
  if (header[0] != std::byte{type} || body.empty() || body.back() != std::byte{0}) {
    throw std::runtime_error("mosquitto: refused");
  }
}

}  // namespace

void MqttProtocol::open(Socket& socket, const std::string& name) {
  constexpr std::byte level_clean_session_no_keep_alive[] = {std::byte{4}, std::byte{2}, std::byte{0},
                                                             std::byte{0}};
  busrt::base::ByteBuffer body;
  append_text(body, "MQTT");
  body.append(level_clean_session_no_keep_alive);
  append_text(body, name);
  send_packet(socket, connect_packet, body);
  read_answer(socket, connack_packet);
}

void MqttProtocol::subscribe(Socket& socket, const std::string& topic) {
  constexpr std::byte packet_id[] = {std::byte{0}, std::byte{1}};
  constexpr std::byte qos[] = {std::byte{0}};
  busrt::base::ByteBuffer body;
  body.append(packet_id);
  append_text(body, topic);
  body.append(qos);
  send_packet(socket, subscribe_packet, body);
  read_answer(socket, suback_packet);
}

std::size_t MqttProtocol::append(busrt::base::ByteBuffer& out, const Publication& publication) {
  append_header(out, publish_packet, 2 + publication.topic.size() + publication.payload_bytes);
  append_text(out, publication.topic);
  const std::size_t payload = out.size();
  out.append(std::vector<std::byte>(publication.payload_bytes));
  return payload;
}

FrameInStream MqttProtocol::decode(std::span<const std::byte> bytes) {
  std::size_t rest = 0;
  for (std::size_t i = 1;; ++i) {
    if (i >= bytes.size()) return {};
    if (i > most_length_bytes) throw std::runtime_error("mosquitto: not understood");
    const auto next = std::to_integer<std::size_t>(bytes[i]);
    rest |= (next & 0x7FU) << (7 * (i - 1));
    if (next >= 0x80U) continue;
    const std::size_t header = i + 1;
    if (bytes.size() < header + rest) return {};
    if (bytes[0] != std::byte{publish_packet}) return {header + rest, nullptr};
    const std::size_t topic =
        std::to_integer<std::size_t>(bytes[header]) << 8U | std::to_integer<std::size_t>(bytes[header + 1]);
    return {header + rest, bytes.data() + header + 2 + topic};
  }
}

std::unique_ptr<Broker> MosquittoPeer::start() const {
  auto directory = std::make_unique<TemporaryDirectory>();
  const Endpoint endpoint{directory->file("mqtt.sock"), 0};
  // No limit at which it would drop a message for a slow subscriber.
  std::string config =
      "listener 0 " + endpoint.path +
      "\nallow_anonymous true\npersistence false\nmax_queued_messages 0\nmax_queued_bytes 0\n"
      "max_inflight_messages 0\nsys_interval 0\nlog_dest stderr\nlog_type error\n";
  // Started by root it would become somebody who cannot reach the directory.
  if (::geteuid() == 0) config += "user root\n";
  const std::string path = directory->write("mosquitto.conf", config);
  return std::make_unique<StreamBroker<MqttProtocol>>(std::move(directory), endpoint,
                                                      std::vector<std::string>{"mosquitto", "-c", path});
}

}  // namespace bench
