// What every measured message system looks like to the measurements, so that one set of them runs over all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace bench {

/// What a publisher publishes. The first eight bytes of each payload are its sequence number.
struct Publication {
  std::string topic;
  std::size_t payload_bytes = 100;
  std::size_t batch = 1;   ///< messages that one call of publish() may hand over
  std::size_t topics = 1;  ///< if more: the messages go in turn to so many topics below `topic`
  bool urgent = false;     ///< for a round trip: where the protocol knows such a thing, deliver at once
};

/// A connected publisher. Owned by one process: never used across a fork.
class Publisher {
 public:
  Publisher() = default;
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;
  virtual ~Publisher() = default;

  /// Hands over the messages first, first + 1, ...; at most Publication::batch of them. Blocks where the
  /// broker holds the publisher up.
  virtual void publish(std::uint64_t first, std::size_t messages) = 0;
};

/// A connected subscriber whose subscription already holds. Owned by one process.
class Subscriber {
 public:
  Subscriber() = default;
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;
  virtual ~Subscriber() = default;

  /// Blocks until something has arrived; returns the messages since the beginning. Throws where one is
  /// missing or out of order.
  virtual std::uint64_t receive() = 0;
};

/// A broker that runs for one measurement, stopped at its end. Clients may be made in forked processes.
class Broker {
 public:
  Broker() = default;
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;
  virtual ~Broker() = default;

  [[nodiscard]] virtual int pid() const = 0;
  /// Names are unique among the clients of one broker.
  [[nodiscard]] virtual std::unique_ptr<Publisher> publisher(const std::string& name,
                                                             const Publication& publication) = 0;
  [[nodiscard]] virtual std::unique_ptr<Subscriber> subscriber(const std::string& name,
                                                               const std::string& topic) = 0;
};

/// A message system that can be measured.
class Peer {
 public:
  Peer() = default;
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  virtual ~Peer() = default;

  /// Starts a broker; its CPU affinity is the caller's.
  [[nodiscard]] virtual std::unique_ptr<Broker> start() const = 0;
  /// False where the client library decides on its own when to write, so that "a write for each message"
  /// cannot be asked for.
  [[nodiscard]] virtual bool writes_when_told() const { return true; }
};

}  // namespace bench
