#include "zmq_peer.hpp"

#include <unistd.h>
#include <zmq.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "processes.hpp"
#include "stream_check.hpp"
#include "temporary_directory.hpp"

namespace bench {

namespace {

/// A socket in a context of its own, so that none of the library's threads is alive across a fork.
class ZmqSocket {
 public:
  explicit ZmqSocket(int type) : context_(zmq_ctx_new()), socket_(zmq_socket(context_, type)) {
    const int unlimited = 0;
    zmq_setsockopt(socket_, ZMQ_SNDHWM, &unlimited, sizeof unlimited);
    zmq_setsockopt(socket_, ZMQ_RCVHWM, &unlimited, sizeof unlimited);
    const int nothing = 0;
    zmq_setsockopt(socket_, ZMQ_LINGER, &nothing, sizeof nothing);
  }
  ~ZmqSocket() {
    zmq_close(socket_);
    zmq_ctx_term(context_);
  }
  ZmqSocket(const ZmqSocket&) = delete;
  ZmqSocket& operator=(const ZmqSocket&) = delete;

  void connect(const std::string& address) { check(zmq_connect(socket_, address.c_str()), "connect"); }
  void bind(const std::string& address) { check(zmq_bind(socket_, address.c_str()), "bind"); }
  void subscribe(std::string_view prefix) {
    check(zmq_setsockopt(socket_, ZMQ_SUBSCRIBE, prefix.data(), prefix.size()), "subscribe");
  }
  void send(const void* bytes, std::size_t size) { check(zmq_send(socket_, bytes, size, 0), "send"); }
  /// The size of the message, or -1 where `flags` say not to wait and there is none.
  int receive(std::vector<std::byte>& buffer, int flags) {
    const int size = zmq_recv(socket_, buffer.data(), buffer.size(), flags);
    if (size < 0 && zmq_errno() != EAGAIN) check(size, "receive");
    if (size > static_cast<int>(buffer.size())) throw std::runtime_error("zmq: message too long");
    return size;
  }
  [[nodiscard]] void* get() const noexcept { return socket_; }

 private:
  static void check(int result, const char* what) {
    if (result < 0) throw std::runtime_error(std::string("zmq ") + what + ": " + zmq_strerror(zmq_errno()));
  }

  void* context_;
  void* socket_;
};

struct Addresses {
  std::string publishers;
  std::string subscribers;
};

constexpr std::size_t most_message_bytes = 1U << 20;

/// A message is one frame: the topic, by which it is filtered, and the payload.
class ZmqPublisher final : public Publisher {
 public:
  /// Returns once the proxy has said that somebody has subscribed to the topic; it would throw away the
  /// messages before.
  ZmqPublisher(const Addresses& addresses, const Publication& publication)
      : socket_(ZMQ_XPUB),
        message_(publication.topic.size() + publication.payload_bytes),
        payload_(publication.topic.size()) {
    std::memcpy(message_.data(), publication.topic.data(), payload_);
    socket_.connect(addresses.publishers);
    std::vector<std::byte> heard(most_message_bytes);
    for (;;) {
      // A byte for "subscribed" and the prefix.
      const int size = socket_.receive(heard, 0);
      const std::string_view prefix(reinterpret_cast<const char*>(heard.data()) + 1,
                                    static_cast<std::size_t>(size) - 1);
      if (heard[0] == std::byte{1} && prefix == publication.topic) return;
    }
  }
  void publish(std::uint64_t first, std::size_t messages) override {
    for (std::size_t i = 0; i < messages; ++i) {
      const std::uint64_t sequence = first + i;
      std::memcpy(message_.data() + payload_, &sequence, sizeof sequence);
      socket_.send(message_.data(), message_.size());
    }
  }

 private:
  ZmqSocket socket_;
  std::vector<std::byte> message_;
  std::size_t payload_;
};

class ZmqSubscriber final : public Subscriber {
 public:
  ZmqSubscriber(const Addresses& addresses, const std::string& name, const std::string& topic)
      : socket_(ZMQ_SUB), buffer_(most_message_bytes), payload_(topic.size()), probe_("probe." + name + '.') {
    socket_.connect(addresses.subscribers);
    socket_.subscribe(topic);
    wait_for_own_probe(addresses);
  }
  std::uint64_t receive() override {
    const std::uint64_t before = sequence_.next();
    while (sequence_.next() == before) take(0);
    // What has arrived with it, as a stream's read would give.
    constexpr int most_at_once = 256;
    for (int i = 1; i < most_at_once && take(ZMQ_DONTWAIT); ++i) {
    }
    return sequence_.next();
  }

 private:
  /// Subscriptions have no answer. The proxy takes them in order, so once a message comes through a later
  /// one, the first holds.
  void wait_for_own_probe(const Addresses& addresses) {
    socket_.subscribe(probe_);
    ZmqSocket out(ZMQ_PUB);
    out.connect(addresses.publishers);
    while (socket_.receive(buffer_, ZMQ_DONTWAIT) < 0) {
      out.send(probe_.data(), probe_.size());
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  /// Takes one message; false where `flags` say not to wait and there is none.
  bool take(int flags) {
    const int size = socket_.receive(buffer_, flags);
    if (size < 0) return false;
    // Probes may still have been under way.
    if (static_cast<std::size_t>(size) != probe_.size()) sequence_.check(buffer_.data() + payload_);
    return true;
  }

  ZmqSocket socket_;
  std::vector<std::byte> buffer_;
  std::size_t payload_;
  std::string probe_;
  Sequence sequence_;
};

class ZmqBroker final : public Broker {
 public:
  ZmqBroker()
      : addresses_{"ipc://" + directory_.file("publishers"), "ipc://" + directory_.file("subscribers")},
        proxy_([this] { run_proxy(); }) {
    // Clients connect again and again until the proxy is there, so that nobody has to wait for it here.
  }
  [[nodiscard]] int pid() const override { return proxy_.pid(); }
  [[nodiscard]] std::unique_ptr<Publisher> publisher(const std::string&,
                                                     const Publication& publication) override {
    return std::make_unique<ZmqPublisher>(addresses_, publication);
  }
  [[nodiscard]] std::unique_ptr<Subscriber> subscriber(const std::string& name,
                                                       const std::string& topic) override {
    return std::make_unique<ZmqSubscriber>(addresses_, name, topic);
  }

 private:
  void run_proxy() const {
    // Both sockets share a context here, as a proxy's have to for one pool of I/O threads.
    void* context = zmq_ctx_new();
    void* in = zmq_socket(context, ZMQ_XSUB);
    void* out = zmq_socket(context, ZMQ_XPUB);
    const int unlimited = 0;
    for (void* socket : {in, out}) {
      zmq_setsockopt(socket, ZMQ_SNDHWM, &unlimited, sizeof unlimited);
      zmq_setsockopt(socket, ZMQ_RCVHWM, &unlimited, sizeof unlimited);
    }
    if (zmq_bind(in, addresses_.publishers.c_str()) != 0 ||
        zmq_bind(out, addresses_.subscribers.c_str()) != 0) {
      throw std::runtime_error(std::string("zmq bind: ") + zmq_strerror(zmq_errno()));
    }
    zmq_proxy(in, out, nullptr);
  }

  TemporaryDirectory directory_;
  Addresses addresses_;
  Child proxy_;
};

}  // namespace

std::unique_ptr<Broker> ZmqPeer::start() const {
  return std::make_unique<ZmqBroker>();
}

}  // namespace bench
