// The simulated network: every connection that clients have made, and what becomes of the bytes in between.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "broker_host.hpp"
#include "busrt/local_endpoint.hpp"
#include "link.hpp"
#include "plan.hpp"
#include "trace.hpp"

namespace busrt::simulation {

/// One connection: two pairs of pipes, one in the client's hands and one in the broker's, and links between.
class Wire {
 public:
  Wire(std::uint32_t number, std::uint32_t owner, std::size_t broker, const NetworkPlan& plan, Random& random,
       Sabotage* sabotage);

  const std::uint32_t number;  ///< from one
  const std::uint32_t life;    ///< whose it is
  const std::size_t broker;    ///< which of the brokers that have been

  [[nodiscard]] const std::shared_ptr<transport::InprocConnection>& client_end() const { return client_end_; }
  [[nodiscard]] const std::shared_ptr<transport::InprocConnection>& broker_end() const { return broker_end_; }
  bool step(Time now);
  [[nodiscard]] Time next() const { return std::min(up.next(), down.next()); }
  [[nodiscard]] bool over() const { return up.over() && down.over(); }
  [[nodiscard]] bool open_at_broker() const {
    return !broker_end_->to_broker.closed() && !broker_end_->to_client.closed();
  }

 private:
  std::shared_ptr<transport::InprocConnection> client_end_;
  std::shared_ptr<transport::InprocConnection> broker_end_;

 public:
  Link up;
  Link down;
};

class Network {
 public:
  Network(const Plan& plan, Random& random, BrokerHost& host, Trace& trace, Sabotage* sabotage)
      : plan_(plan), random_(random), host_(host), trace_(trace), sabotage_(sabotage) {}

  /// Where the client of that life connects.
  [[nodiscard]] LocalEndpoint door(std::uint32_t life);
  Result<std::shared_ptr<transport::InprocConnection>> connect(std::uint32_t life);
  void refuse(Time until) { refused_until_ = until; }

  bool step(Time now);
  [[nodiscard]] Time next() const;
  [[nodiscard]] bool quiet() const;
  [[nodiscard]] std::string why_not_quiet() const;

  /// Something happens to a connection that is alive, if there is one.
  void cut_one(Time now);
  void stall_one(Time now, Duration longest);

  [[nodiscard]] const std::vector<std::unique_ptr<Wire>>& wires() const noexcept { return wires_; }
  /// The latest of that life, or zero.
  [[nodiscard]] std::uint32_t latest_of(std::uint32_t life) const;
  [[nodiscard]] const Wire& wire(std::uint32_t number) const { return *wires_[number - 1]; }
  /// Nobody reads or writes any more.
  void settle();

 private:
  Wire* pick_alive();

  const Plan& plan_;
  Random& random_;
  BrokerHost& host_;
  Trace& trace_;
  Sabotage* const sabotage_;
  std::vector<std::unique_ptr<Wire>> wires_;  // by number
  std::vector<Wire*> alive_;
  std::vector<std::uint32_t> latest_;  // by life
  Time refused_until_{};
};

}  // namespace busrt::simulation
