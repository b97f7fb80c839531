#include "nats_peer.hpp"

#include <charconv>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace bench {

namespace {

/// Waits until the server has worked off everything that was sent before.
void ping(Socket& socket) {
  socket.write("PING\r\n");
  for (;;) {
    const std::string line = socket.read_line();
    if (line == "PONG") return;
    if (line.starts_with("-ERR")) throw std::runtime_error("nats-server: " + line);
  }
}

}  // namespace

void NatsProtocol::open(Socket& socket, const std::string& name) {
  socket.write(R"(CONNECT {"verbose":false,"pedantic":false,"lang":"bench","version":"1","name":")" + name +
               "\"}\r\n");
  ping(socket);
}

void NatsProtocol::subscribe(Socket& socket, const std::string& topic) {
  socket.write("SUB " + topic + " 1\r\n");
  ping(socket);
}

std::size_t NatsProtocol::append(busrt::base::ByteBuffer& out, const Publication& publication) {
  out.append("PUB " + publication.topic + ' ' + std::to_string(publication.payload_bytes) + "\r\n");
  const std::size_t payload = out.size();
  out.append(std::vector<std::byte>(publication.payload_bytes));
  out.append("\r\n");
  return payload;
}

FrameInStream NatsProtocol::decode(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return {};
  const std::size_t header = end + 1;
  if (!text.starts_with("MSG ")) {
    if (text.starts_with("-ERR"))
      throw std::runtime_error("nats-server: " + std::string(text.substr(0, end)));
    return {header, nullptr};
  }
  // MSG subject sid bytes\r\n
  const std::size_t digits = text.rfind(' ', end) + 1;
  std::size_t payload = 0;
  std::from_chars(text.data() + digits, text.data() + end, payload);
  const std::size_t whole = header + payload + 2;
  if (whole > text.size()) return {};
  return {whole, bytes.data() + header};
}

std::unique_ptr<Broker> NatsPeer::start() const {
  auto directory = std::make_unique<TemporaryDirectory>();
  const Endpoint endpoint{"", free_loopback_port()};
  // The defaults but for two limits at which it throws slow consumers out: nobody may lose anything here.
  const std::string config =
      directory->write("nats.conf", "host: 127.0.0.1\nport: " + std::to_string(endpoint.port) +
                                        "\nmax_pending: 1073741824\nwrite_deadline: \"60s\"\n");
  return std::make_unique<StreamBroker<NatsProtocol>>(std::move(directory), endpoint,
                                                      std::vector<std::string>{"nats-server", "-c", config});
}

}  // namespace bench
