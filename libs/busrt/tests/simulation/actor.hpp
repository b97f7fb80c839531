// A program that uses the bus, over several lives: a real client on a context of its own, which talks, reads
// at its own speed, leaves, or crashes.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "busrt/client.hpp"
#include "network.hpp"
#include "oracle.hpp"
#include "plan.hpp"

namespace busrt::simulation {

/// What an actor may name.
struct Vocabulary {
  std::vector<std::string> names;
  std::vector<std::string> masks;
  std::vector<std::string> topics;
  std::vector<std::string> patterns;
};

class Actor {
 public:
  Actor(std::string name, const Plan& plan, const ClientPlan& own, const Vocabulary& words, Random& random,
        Network& network, Oracle& oracle, Trace& trace)
      : name_(std::move(name)),
        plan_(plan),
        own_(own),
        words_(words),
        random_(random),
        network_(network),
        oracle_(oracle),
        trace_(trace) {}

  void start();
  /// Runs what its client has to do. False when that was nothing.
  bool poll();
  /// Does what is due: operations, reading on, ending or beginning a life.
  void act(Time now);
  [[nodiscard]] Time next() const;

  void crash();
  /// `for_good`: no other life follows.
  void leave(std::chrono::milliseconds drain, bool for_good = false);
  void pause(Time until) noexcept { paused_until_ = until; }
  [[nodiscard]] bool paused(Time now) const noexcept { return now < paused_until_; }
  /// From now on it only reads, at once, and lives on.
  void calm_down();

  [[nodiscard]] bool gone() const noexcept { return client_ == nullptr; }
  /// Connected, with nothing under way and nothing unread.
  [[nodiscard]] bool settled() const;
  [[nodiscard]] std::string why_not_settled() const;
  [[nodiscard]] Standing standing() const;
  [[nodiscard]] std::uint32_t life() const noexcept { return life_; }

 private:
  void operate();
  void talk();
  void try_to_send(Operation operation);
  void change_topics();
  void subscribe_first();
  void start_topics(Op op, std::vector<std::string> patterns);
  [[nodiscard]] SendOptions options(QoS qos);
  void read();
  void took(std::size_t frames, bool ended);
  void end_life();

  const std::string name_;
  const Plan& plan_;
  const ClientPlan& own_;
  const Vocabulary& words_;
  Random& random_;
  Network& network_;
  Oracle& oracle_;
  Trace& trace_;

  std::uint32_t life_ = 0;
  std::unique_ptr<boost::asio::io_context> context_;
  std::unique_ptr<Client> client_;
  Time operates_at_ = Time::max();
  Time reads_at_ = Time::max();
  Time starts_at_ = Time::max();
  Time paused_until_{};
  bool topics_pending_ = false;
  bool leaving_ = false;
  bool left_ = false;      // disconnect() has completed
  bool read_all_ = false;  // and receive() says that nothing is left
  bool calm_ = false;
  bool for_good_ = false;
};

}  // namespace busrt::simulation
