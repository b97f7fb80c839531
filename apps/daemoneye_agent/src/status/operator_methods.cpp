#include "status/operator_methods.hpp"

#include <fmt/format.h>

#include <utility>

#include "daemoneye/events/topics.hpp"
#include "rpc_params.hpp"
#include "status/status_report.hpp"
#include "version.hpp"

namespace daemoneye_agent {
namespace asio = boost::asio;

void OperatorMethods::serve(RpcMethods& methods) {
  using Answer = asio::awaitable<busrt::RpcResult> (OperatorMethods::*)(busrt::RpcRequest);
  const auto add = [this, &methods](const char* method, Answer answer) {
    methods.on(method,
               [this, answer](busrt::RpcRequest request) { return (this->*answer)(std::move(request)); });
  };
  add("status", &OperatorMethods::status);
  add("health_check", &OperatorMethods::health);
  add("shutdown", &OperatorMethods::shutdown);
}

asio::awaitable<void> OperatorMethods::report(StatusReport& report) {
  intake_.read([&report](const Account& account) { report.add_account(account); });
  co_return;
}

asio::awaitable<busrt::RpcResult> OperatorMethods::status(busrt::RpcRequest request) {
  const auto encoding = expect_no_params(request.payload);
  if (!encoding) co_return std::unexpected(encoding.error());
  const auto report = co_await agent_.report();
  co_return encode_result(report, *encoding);
}

asio::awaitable<busrt::RpcResult> OperatorMethods::health(busrt::RpcRequest request) {
  const auto encoding = expect_no_params(request.payload);
  if (!encoding) co_return std::unexpected(encoding.error());
  const auto report = co_await agent_.report();
  const bool well = report.at("well").as_bool();
  co_return encode_result({{"agent", daemoneye::events::agent_client_name},
                           {"version", version},
                           {"state", agent_.stopping() ? "stopping"
                                     : well            ? "running"
                                                       : "degraded"},
                           {"complete", report.at("complete")},
                           {"degraded", report.at("degraded")}},
                          *encoding);
}

asio::awaitable<busrt::RpcResult> OperatorMethods::shutdown(busrt::RpcRequest request) {
  const auto encoding = expect_no_params(request.payload);
  if (!encoding) co_return std::unexpected(encoding.error());
  agent_.request_stop(fmt::format("{} asked for it", request.sender()));
  co_return encode_result({{"stopping", true}}, *encoding);
}

}  // namespace daemoneye_agent
