// Publisher, subscriber and broker of a protocol that is spoken over a plain stream socket.
//
// A Protocol has, all static:
//   void open(Socket&, const std::string& name)          the handshake, on a new connection
//   void before_publishing(Socket&)                       what a publisher says first, if anything
//   void subscribe(Socket&, const std::string& topic)     returns once the subscription holds
//   std::size_t append(busrt::base::ByteBuffer&, const Publication&)   one encoded message; where its payload
//   begins FrameInStream decode(std::span<const std::byte>)      see stream_check.hpp
#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "broker_process.hpp"
#include "busrt/base/byte_buffer.hpp"
#include "peer.hpp"
#include "socket.hpp"
#include "stream_check.hpp"
#include "temporary_directory.hpp"

namespace bench {

/// Messages encoded once, whose sequence numbers are patched in place before each write.
template <class Protocol>
class MessageBatch {
 public:
  explicit MessageBatch(const Publication& publication) {
    // Whole batches that hold every topic at least once.
    const std::size_t batches = (publication.topics + publication.batch - 1) / publication.batch;
    Publication each = publication;
    for (std::size_t i = 0; i < batches * publication.batch; ++i) {
      if (publication.topics > 1)
        each.topic = publication.topic + "/" + std::to_string(i % publication.topics);
      begins_.push_back(bytes_.size());
      payloads_.push_back(Protocol::append(bytes_, each));
    }
    begins_.push_back(bytes_.size());
  }
  /// A batch of `messages`, numbered from `first` on, a multiple of the batch; valid until the next call.
  std::span<const std::byte> number(std::uint64_t first, std::size_t messages) {
    const std::size_t at = first % payloads_.size();
    for (std::size_t i = 0; i < messages; ++i) {
      const std::uint64_t sequence = first + i;
      std::memcpy(bytes_.data().data() + payloads_[at + i], &sequence, sizeof sequence);
    }
    return bytes_.data().subspan(begins_[at], begins_[at + messages] - begins_[at]);
  }

 private:
  busrt::base::ByteBuffer bytes_;
  std::vector<std::size_t> begins_;  // of the messages, and the end of the last
  std::vector<std::size_t> payloads_;
};

template <class Protocol>
class StreamPublisher final : public Publisher {
 public:
  StreamPublisher(const Endpoint& endpoint, const std::string& name, const Publication& publication)
      : socket_(endpoint.connect()), batch_(publication) {
    Protocol::open(socket_, name);
    Protocol::before_publishing(socket_);
  }
  void publish(std::uint64_t first, std::size_t messages) override {
    socket_.write(batch_.number(first, messages));
  }

 private:
  Socket socket_;
  MessageBatch<Protocol> batch_;
};

template <class Protocol>
class StreamSubscriber final : public Subscriber {
 public:
  StreamSubscriber(const Endpoint& endpoint, const std::string& name, const std::string& topic)
      : socket_(endpoint.connect()) {
    Protocol::open(socket_, name);
    Protocol::subscribe(socket_, topic);
  }
  std::uint64_t receive() override {
    const std::uint64_t before = check_.messages();
    while (check_.messages() == before) check_.feed(socket_.read());
    return check_.messages();
  }

 private:
  Socket socket_;
  StreamCheck<Protocol> check_;
};

/// A broker's program, with its directory and where it listens.
template <class Protocol>
class StreamBroker final : public Broker {
 public:
  StreamBroker(std::unique_ptr<TemporaryDirectory> directory, const Endpoint& endpoint,
               const std::vector<std::string>& command)
      : directory_(std::move(directory)),
        endpoint_(endpoint),
        process_(command, directory_->file("log"), [this] {
          Socket probe = endpoint_.connect();
          Protocol::open(probe, "probe");
        }) {}
  [[nodiscard]] int pid() const override { return process_.pid(); }
  [[nodiscard]] std::unique_ptr<Publisher> publisher(const std::string& name,
                                                     const Publication& publication) override {
    return std::make_unique<StreamPublisher<Protocol>>(endpoint_, name, publication);
  }
  [[nodiscard]] std::unique_ptr<Subscriber> subscriber(const std::string& name,
                                                       const std::string& topic) override {
    return std::make_unique<StreamSubscriber<Protocol>>(endpoint_, name, topic);
  }
  [[nodiscard]] const Endpoint& endpoint() const noexcept { return endpoint_; }

 private:
  std::unique_ptr<TemporaryDirectory> directory_;
  Endpoint endpoint_;
  BrokerProcess process_;
};

}  // namespace bench
