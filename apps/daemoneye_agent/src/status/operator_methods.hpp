// What an operator asks the agent itself: status, health_check, shutdown.
#pragma once

#include "agent.hpp"
#include "intake/shared_intake.hpp"
#include "service.hpp"

namespace daemoneye_agent {

/// Answers from the agent's report, which all services make together.
class OperatorMethods final : public Service {
 public:
  OperatorMethods(Agent& agent, const SharedIntake& intake) : agent_(agent), intake_(intake) {}

  [[nodiscard]] std::string_view name() const override { return "operator methods"; }
  boost::asio::awaitable<busrt::base::Result<>> start() override { co_return busrt::base::Result<>{}; }
  boost::asio::awaitable<void> stop(std::chrono::steady_clock::time_point) override { co_return; }
  void serve(daemoneye::rpc_service::MethodTable& methods) override;
  /// Adds what the account has beyond the collectors' own part. Last of all services.
  boost::asio::awaitable<void> report(StatusReport& report) override;

 private:
  using Result = boost::asio::awaitable<daemoneye::rpc_service::MethodResult>;
  Result status(daemoneye::rpc_service::Call call);
  Result health(daemoneye::rpc_service::Call call);
  Result shutdown(daemoneye::rpc_service::Call call);

  Agent& agent_;
  const SharedIntake& intake_;
};

}  // namespace daemoneye_agent
