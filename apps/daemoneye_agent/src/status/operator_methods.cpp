#include "status/operator_methods.hpp"

#include <fmt/format.h>

#include <utility>

#include "daemoneye/events/topics.hpp"
#include "status/status_report.hpp"
#include "version.hpp"

namespace daemoneye_agent {
namespace asio = boost::asio;
namespace rpc = daemoneye::rpc_service;

namespace {

using rpc::Field;
using rpc::FieldType;

/// Of `status` and `health_check` alike.
const Field degraded{.name = "degraded",
                     .type = FieldType::array,
                     .sentence = "What is wrong now, a sentence each.",
                     .required = true};
const Field complete{
    .name = "complete",
    .type = FieldType::boolean,
    .sentence = "Whether nothing is wrong now, and nothing was missing since the agent started.",
    .required = true};

rpc::Method status_method() {
  return {
      .name = "status",
      .sentence = "How the agent, its bus and its collectors are, and whether what it has is complete.",
      .result = {{.name = "agent",
                  .type = FieldType::object,
                  .sentence = "version, pid, uptime_s, state_dir",
                  .required = true},
                 {.name = "bus",
                  .type = FieldType::object,
                  .sentence = "mode, address, and the broker's counters.",
                  .required = true},
                 {.name = "collectors",
                  .type = FieldType::array,
                  .sentence = "State, health and account of each collector.",
                  .required = true},
                 {.name = "well",
                  .type = FieldType::boolean,
                  .sentence = "Whether nothing is wrong now.",
                  .required = true},
                 degraded,
                 complete,
                 {.name = "incomplete",
                  .type = FieldType::array,
                  .sentence = "Times of which something is missing: collector, from, to, reason.",
                  .required = true},
                 {.name = "whole_since",
                  .type = FieldType::any,
                  .sentence = "The end of the last such time; null when there was none, or while one lasts.",
                  .required = true}}};
}

rpc::Method health_method() {
  return {.name = "health_check",
          .sentence = "How the agent is, in short.",
          .result = {{.name = "agent", .sentence = "The agent's name on the bus.", .required = true},
                     {.name = "version", .sentence = "The agent's version.", .required = true},
                     {.name = "state", .sentence = "running, degraded or stopping", .required = true},
                     complete,
                     degraded}};
}

rpc::Method shutdown_method() {
  return {.name = "shutdown",
          .sentence = "Stops the collectors in order, and then the agent.",
          .result = {{.name = "stopping",
                      .type = FieldType::boolean,
                      .sentence = "Always true: the stop has begun.",
                      .required = true}}};
}

}  // namespace

void OperatorMethods::serve(rpc::MethodTable& methods) {
  methods.add(status_method(), [this](rpc::Call call) { return status(std::move(call)); });
  methods.add(health_method(), [this](rpc::Call call) { return health(std::move(call)); });
  methods.add(shutdown_method(), [this](rpc::Call call) { return shutdown(std::move(call)); });
}

asio::awaitable<void> OperatorMethods::report(StatusReport& report) {
  intake_.read([&report](const Account& account) { report.add_account(account); });
  co_return;
}

OperatorMethods::Result OperatorMethods::status(rpc::Call) {
  co_return co_await agent_.report();
}

OperatorMethods::Result OperatorMethods::health(rpc::Call) {
  const auto report = co_await agent_.report();
  const bool well = report.at("well").as_bool();
  co_return boost::json::object{{"agent", daemoneye::events::agent_client_name},
                                {"version", version},
                                {"state", agent_.stopping() ? "stopping"
                                          : well            ? "running"
                                                            : "degraded"},
                                {"complete", report.at("complete")},
                                {"degraded", report.at("degraded")}};
}

OperatorMethods::Result OperatorMethods::shutdown(rpc::Call call) {
  agent_.request_stop(fmt::format("{} asked for it", call.sender));
  co_return boost::json::object{{"stopping", true}};
}

}  // namespace daemoneye_agent
