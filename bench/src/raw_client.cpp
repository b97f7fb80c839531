#include "raw_client.hpp"

#include <sched.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "wire/codec.hpp"
#include "wire/handshake.hpp"

namespace bench {

namespace {
constexpr std::size_t read_bytes = 256U << 10;
constexpr std::uint32_t no_limit = 0xFFFFFFFF;

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}
}  // namespace

int connect_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error("socket path too long: " + path);
  std::memcpy(address.sun_path, path.data(), path.size());
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) fail("socket");
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(descriptor);
    fail("connect " + path);
  }
  return descriptor;
}

RawClient::RawClient(const std::string& socket_path, std::string_view name)
    : descriptor_(connect_unix(socket_path)), buffer_(read_bytes) {
  busrt::wire::ClientHandshake handshake(name);
  while (handshake.state() != busrt::wire::ClientHandshake::State::done) {
    // One byte at a time at most: nothing after the handshake may be swallowed.
    std::byte byte{};
    if (::read(descriptor_, &byte, 1) != 1) fail("handshake");
    base::ByteBuffer answer;
    handshake.feed({&byte, 1}, answer);
    if (handshake.state() == busrt::wire::ClientHandshake::State::failed) {
      throw std::runtime_error("handshake refused: " + make_error_code(handshake.error()).message());
    }
    if (!answer.empty()) write(answer.data());
  }
}

RawClient::~RawClient() {
  ::close(descriptor_);
}

void RawClient::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto put = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put < 0) fail("write");
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
}

std::span<const std::byte> RawClient::read() {
  const auto got = ::read(descriptor_, buffer_.data(), buffer_.size());
  if (got < 0) fail("read");
  return std::span<const std::byte>(buffer_).first(static_cast<std::size_t>(got));
}

void RawClient::subscribe(std::string_view pattern) {
  base::ByteBuffer frame;
  const std::string_view patterns[] = {pattern};
  busrt::wire::append_topic_request(frame, 1, busrt::Op::subscribe, busrt::QoS::processed, patterns);
  write(frame.data());
  wait_for(busrt::FrameKind::ack);
}

std::vector<std::byte> RawClient::wait_for(busrt::FrameKind kind) {
  for (;;) {
    busrt::wire::Delivery delivery;
    const auto decoded = busrt::wire::decode_delivery(pending_.data(), no_limit, delivery);
    if (decoded.status == busrt::wire::Decoded::Status::malformed)
      throw std::runtime_error("malformed frame");
    if (decoded.status == busrt::wire::Decoded::Status::need_more) {
      const auto bytes = read();
      if (bytes.empty()) throw std::runtime_error("disconnected by the broker");
      pending_.append(bytes);
      continue;
    }
    std::vector<std::byte> payload(delivery.payload.begin(), delivery.payload.end());
    pending_.consume(decoded.size);
    if (delivery.kind == kind) return payload;
  }
}

std::size_t SequenceCheck::consume(std::span<const std::byte> bytes) {
  std::size_t used = 0;
  busrt::wire::Delivery delivery;
  while (used < bytes.size()) {
    const auto decoded = busrt::wire::decode_delivery(bytes.subspan(used), no_limit, delivery);
    if (decoded.status == busrt::wire::Decoded::Status::malformed)
      throw std::runtime_error("malformed frame");
    if (decoded.status == busrt::wire::Decoded::Status::need_more) break;
    used += decoded.size;
    if (delivery.kind == busrt::FrameKind::nop || delivery.kind == busrt::FrameKind::ack) continue;
    std::uint64_t sequence = 0;
    std::memcpy(&sequence, delivery.payload.data(), sizeof sequence);
    if (sequence != next_) {
      throw std::runtime_error("hole: expected " + std::to_string(next_) + ", got " +
                               std::to_string(sequence));
    }
    ++next_;
  }
  return used;
}

std::uint64_t SequenceCheck::feed(std::span<const std::byte> bytes) {
  const std::uint64_t before = next_;
  while (!rest_.empty() && !bytes.empty()) {
    // Complete the frame that was cut, in small steps, then go on in place.
    const std::size_t step = std::min<std::size_t>(bytes.size(), 4096);
    rest_.append(bytes.first(step));
    bytes = bytes.subspan(step);
    rest_.consume(consume(rest_.data()));
  }
  const std::size_t used = consume(bytes);
  rest_.append(bytes.subspan(used));
  return next_ - before;
}

double cpu_seconds(int pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(stat)), {});
  const auto after_name = text.rfind(')');
  if (after_name == std::string::npos) return 0;
  std::istringstream fields(text.substr(after_name + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  std::uint64_t user = 0;
  std::uint64_t system = 0;
  fields >> user >> system;
  return static_cast<double>(user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

void pin_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  const long cpus = ::sysconf(_SC_NPROCESSORS_ONLN);
  for (int i = 0; i < cpus; ++i) {
    if (cpu < 0 || i == cpu) CPU_SET(static_cast<std::size_t>(i), &set);
  }
  ::sched_setaffinity(0, sizeof set, &set);
}

}  // namespace bench
