#include "redis_peer.hpp"

#include <charconv>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace bench {

namespace {

std::string bulk(std::string_view text) {
  return '$' + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}

/// Takes a line that begins with `kind` and a number off the front; false where it is not complete.
bool take_number(std::string_view& text, char kind, std::size_t& number) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return false;
  if (text[0] != kind) throw std::runtime_error("redis-server: not understood");
  std::from_chars(text.data() + 1, text.data() + end, number);
  text.remove_prefix(end + 1);
  return true;
}

}  // namespace

void RedisProtocol::open(Socket& socket, const std::string&) {
  socket.write("*1\r\n" + bulk("PING"));
  if (const std::string line = socket.read_line(); line != "+PONG") {
    throw std::runtime_error("redis-server: " + line);
  }
}

void RedisProtocol::before_publishing(Socket& socket) {
  // The number of receivers of each message is of no use here, and costs both sides.
  socket.write("*3\r\n" + bulk("CLIENT") + bulk("REPLY") + bulk("OFF"));
}

void RedisProtocol::subscribe(Socket& socket, const std::string& topic) {
  socket.write("*2\r\n" + bulk("SUBSCRIBE") + bulk(topic));
  // The answer: an array of the word, the topic and the number of subscriptions.
  while (socket.read_line() != ":1") {
  }
}

std::size_t RedisProtocol::append(busrt::base::ByteBuffer& out, const Publication& publication) {
  out.append("*3\r\n" + bulk("PUBLISH") + bulk(publication.topic) + '$' +
             std::to_string(publication.payload_bytes) + "\r\n");
  const std::size_t payload = out.size();
  out.append(std::vector<std::byte>(publication.payload_bytes));
  out.append("\r\n");
  return payload;
}

FrameInStream RedisProtocol::decode(std::span<const std::byte> bytes) {
  // An array of bulk strings, the payload the last of them.
  const std::string_view whole(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::string_view text = whole;
  std::size_t strings = 0;
  if (!take_number(text, '*', strings)) return {};
  const char* payload = nullptr;
  for (std::size_t i = 0; i < strings; ++i) {
    std::size_t size = 0;
    if (text.empty() || !take_number(text, '$', size) || text.size() < size + 2) return {};
    payload = text.data();
    text.remove_prefix(size + 2);
  }
  return {whole.size() - text.size(), reinterpret_cast<const std::byte*>(payload)};
}

std::unique_ptr<Broker> RedisPeer::start() const {
  auto directory = std::make_unique<TemporaryDirectory>();
  const Endpoint endpoint{directory->file("redis.sock"), 0};
  // Nothing is stored, and no subscriber is thrown out for being slow.
  const std::string config = directory->write(
      "redis.conf",
      "port 0\nunixsocket " + endpoint.path +
          "\nsave \"\"\nappendonly no\nclient-output-buffer-limit pubsub 0 0 0\nloglevel warning\n");
  return std::make_unique<StreamBroker<RedisProtocol>>(std::move(directory), endpoint,
                                                       std::vector<std::string>{"redis-server", config});
}

}  // namespace bench
