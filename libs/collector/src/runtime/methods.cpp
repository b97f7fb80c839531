// The methods that every collector answers.

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <set>
#include <utility>

#include "daemoneye/events/event.hpp"
#include "daemoneye/events/schema.hpp"
#include "daemoneye/events/task_fields.hpp"
#include "daemoneye/rpc_service/params.hpp"
#include "runtime/privileges.hpp"
#include "runtime/runtime_impl.hpp"

namespace daemoneye::collector {

namespace asio = boost::asio;
namespace json = boost::json;

using rpc_service::Field;
using rpc_service::FieldType;
using rpc_service::invalid_params;

namespace {

constexpr std::string_view task_id_field = "task_id";
constexpr std::string_view heartbeat_field = "heartbeat_ms";
constexpr std::string_view source_field = "source";
constexpr std::string_view operation_field = events::task::operation.name;
constexpr std::string_view params_field = events::task::params.name;

const Field source_param{.name = source_field,
                         .sentence = "One of the collector's sources; all where it is missing."};
const Field state_result{.name = "state", .sentence = "The collector's state afterwards.", .required = true};

rpc_service::Method health_method() {
  return {.name = "health_check",
          .sentence = "How the collector and its sources are.",
          .result = {state_result,
                     {.name = "epoch", .type = FieldType::integer, .sentence = "This run.", .required = true},
                     {.name = "seq",
                      .type = FieldType::integer,
                      .sentence = "The last sequence number given.",
                      .required = true},
                     {.name = "sources",
                      .type = FieldType::array,
                      .sentence = "Name, domain, state and counters of each source.",
                      .required = true}}};
}

rpc_service::Method start_method() {
  return {.name = "start_collection",
          .sentence = "Starts sources that are stopped.",
          .params = {source_param},
          .result = {state_result}};
}

rpc_service::Method stop_method() {
  return {.name = "stop_collection",
          .sentence = "Stops sources. What happens until they are started again is not seen.",
          .params = {source_param},
          .result = {state_result}};
}

rpc_service::Method update_method() {
  const Field heartbeat{.name = heartbeat_field,
                        .type = FieldType::integer,
                        .unit = "milliseconds",
                        .sentence = "Time between two health records.",
                        .least = limits::heartbeat_least.count(),
                        .most = limits::heartbeat_most.count()};
  return {
      .name = "update_config",
      .sentence = "Changes settings: all that are given, or none. Other params are settings of the source.",
      .params = {source_param, heartbeat},
      .other_params = rpc_service::OtherFields::passed,
      .result = {state_result, heartbeat}};
}

rpc_service::Method capabilities_method() {
  return {
      .name = "get_capabilities",
      .sentence = "What the collector can do: domains, operations with their schemas, privileges.",
      .result = {{.name = "collector", .sentence = "Its name on the bus.", .required = true},
                 {.name = "version", .sentence = "Its version.", .required = true},
                 {.name = "methods", .type = FieldType::array, .sentence = "Their names.", .required = true},
                 {.name = "operations",
                  .type = FieldType::array,
                  .sentence = "What run_task can run, with params and results.",
                  .required = true},
                 {.name = "sources",
                  .type = FieldType::array,
                  .sentence = "Name, domain, kinds and privileges of each source.",
                  .required = true}}};
}

const Field task_id_param{.name = task_id_field,
                          .sentence = "A name for the task, by which cancel_task finds it."};

rpc_service::Method run_task_method() {
  return {
      .name = "run_task",
      .sentence = "Runs an operation and answers its result.",
      .params = {{.name = operation_field, .sentence = "The operation, <domain>.<name>.", .required = true},
                 {.name = params_field, .type = FieldType::object, .sentence = "The operation's own params."},
                 task_id_param},
      .result = {
          {.name = "results", .type = FieldType::array, .sentence = "The parts of the operation's result."}}};
}

rpc_service::Method cancel_task_method() {
  Field id = task_id_param;
  id.required = true;
  return {.name = "cancel_task",
          .sentence = "Cancels a task that runs.",
          .params = {id},
          .result = {{.name = "cancelled",
                      .type = FieldType::boolean,
                      .sentence = "Whether there was such a task.",
                      .required = true}}};
}

rpc_service::Method shutdown_method() {
  return {.name = "shutdown",
          .sentence = "Ends the collector in order.",
          .result = {{.name = "stopping",
                      .type = FieldType::boolean,
                      .sentence = "Always true: the stop has begun.",
                      .required = true}}};
}

/// The task's id, which has been checked to be a string.
std::expected<std::string, busrt::RpcError> task_id(const json::object& params) {
  std::string id(params.at(task_id_field).get_string());
  if (id.empty() || id.size() > limits::task_id_bytes) {
    return std::unexpected(
        invalid_params(fmt::format("{}: expected 1 to {} bytes", task_id_field, limits::task_id_bytes)));
  }
  return id;
}

}  // namespace

void Runtime::Impl::register_methods() {
  add_method(health_method(), &Impl::health_check);
  add_method(start_method(), &Impl::start_collection);
  add_method(stop_method(), &Impl::stop_collection);
  add_method(update_method(), &Impl::update_config);
  add_method(capabilities_method(), &Impl::get_capabilities);
  add_method(run_task_method(), &Impl::run_task);
  add_method(cancel_task_method(), &Impl::cancel_task);
  add_method(shutdown_method(), &Impl::shutdown);
  methods_.on_refused([weak = weak_from_this()](const rpc_service::Call& call, const busrt::RpcError& error) {
    const auto self = weak.lock();
    if (self == nullptr) return;
    self->refusal_lines_.write(busrt::base::LogLevel::warn,
                               fmt::format("refused {} of {}: {}", call.method, call.sender, error.message));
  });
  methods_.serve(*rpc_);
}

void Runtime::Impl::add_method(rpc_service::Method schema, Method method) {
  methods_.add(std::move(schema), [weak = weak_from_this(), method](rpc_service::Call call) {
    return answer(weak, method, std::move(call));
  });
}

asio::awaitable<Runtime::Impl::MethodResult> Runtime::Impl::answer(std::weak_ptr<Impl> weak, Method method,
                                                                   rpc_service::Call call) {
  const auto self = weak.lock();
  if (self == nullptr) {
    co_return std::unexpected(busrt::RpcError{busrt::rpc_code::internal, "the collector is ending"});
  }
  co_return co_await method(self, std::move(call.params));
}

asio::awaitable<Runtime::Impl::MethodResult> Runtime::Impl::health_check(Ptr self, json::object /*params*/) {
  co_return self->health();
}

asio::awaitable<Runtime::Impl::MethodResult> Runtime::Impl::start_collection(Ptr self, json::object params) {
  auto hosts = self->chosen(params);
  if (!hosts) co_return std::unexpected(std::move(hosts.error()));
  const auto guard = co_await self->sources_mutex_.lock();
  if (self->phase_ == Phase::stopping || self->phase_ == Phase::ended || self->stop_requested_) {
    co_return std::unexpected(busrt::RpcError{busrt::rpc_code::internal, "the collector is ending"});
  }
  std::string failed;
  for (SourceHost* const host : *hosts) {
    const auto started = co_await host->start();
    if (!started)
      failed += (failed.empty() ? "" : "; ") + std::string(host->name()) + ": " + started.error().describe();
  }
  self->wake();
  if (!failed.empty()) co_return std::unexpected(busrt::RpcError{busrt::rpc_code::internal, failed});
  co_return json::object{{"state", self->state()}};
}

asio::awaitable<Runtime::Impl::MethodResult> Runtime::Impl::stop_collection(Ptr self, json::object params) {
  auto hosts = self->chosen(params);
  if (!hosts) co_return std::unexpected(std::move(hosts.error()));
  const auto guard = co_await self->sources_mutex_.lock();
  for (SourceHost* const host : *hosts) {
    const bool watched = host->state() == SourceHost::State::running;
    co_await host->stop();
    if (watched) {
      host->report_unseen(
          "stopped by stop_collection; what happens until start_collection is not seen, and is not known");
    }
  }
  self->wake();
  co_return json::object{{"state", self->state()}};
}

asio::awaitable<Runtime::Impl::MethodResult> Runtime::Impl::update_config(Ptr self, json::object params) {
  auto hosts = self->chosen(params);
  if (!hosts) co_return std::unexpected(std::move(hosts.error()));
  params.erase(source_field);
  auto heartbeat = self->heartbeat_;
  if (const auto* const value = params.if_contains(heartbeat_field); value != nullptr) {
    heartbeat = std::chrono::milliseconds(value->to_number<std::int64_t>());
    params.erase(heartbeat_field);
  }
  const auto guard = co_await self->sources_mutex_.lock();
  if (!params.empty()) {
    if (hosts->size() != 1) {
      co_return std::unexpected(
          invalid_params(fmt::format("{}: missing; settings are of one source", source_field)));
    }
    const auto configured = hosts->front()->configure(params);
    if (!configured) co_return std::unexpected(invalid_params(configured.error().message));
  }
  self->heartbeat_ = heartbeat;
  self->next_heartbeat_ = std::min(self->next_heartbeat_, Clock::now() + heartbeat);
  self->wake();
  co_return json::object{{"state", self->state()}, {heartbeat_field, heartbeat.count()}};
}

asio::awaitable<Runtime::Impl::MethodResult> Runtime::Impl::get_capabilities(Ptr self,
                                                                             json::object /*params*/) {
  json::array sources;
  json::array operations;
  std::set<std::string> all;
  std::set<std::string> domains;
  const auto held = held_capabilities();
  for (const auto& host : self->hosts_) {
    json::array words;
    for (auto& word : host->source().capabilities()) {
      words.emplace_back(word);
      all.insert(std::move(word));
    }
    domains.emplace(host->source().domain());
    for (auto& operation : describe_operations(host->name(), host->source().operations())) {
      operations.push_back(std::move(operation));
    }
    json::array kinds;
    if (const auto* const domain = events::find_domain(host->source().domain()); domain != nullptr) {
      for (const events::Kind& kind : domain->kinds) kinds.emplace_back(kind.name);
    }
    sources.push_back(json::object{{"name", host->name()},
                                   {"domain", host->source().domain()},
                                   {"kinds", std::move(kinds)},
                                   {"capabilities", std::move(words)},
                                   {"privileges", describe_privileges(host->source().privileges(), held)}});
  }
  json::object result;
  result["collector"] = self->config_.name;
  result["version"] = self->config_.version;
  result["event_version"] = events::event_version;
  result["capabilities"] = json::array(all.begin(), all.end());
  result["domains"] = json::array(domains.begin(), domains.end());
  const auto methods = self->methods_.names();
  result["methods"] = json::array(methods.begin(), methods.end());
  result["operations"] = std::move(operations);
  result["sources"] = std::move(sources);
  co_return result;
}

asio::awaitable<Runtime::Impl::MethodResult> Runtime::Impl::run_task(Ptr self, json::object params) {
  const std::string name(params.at(operation_field).get_string());
  std::expected<std::string, busrt::RpcError> id;
  if (params.contains(task_id_field)) id = task_id(params);
  if (!id) co_return std::unexpected(std::move(id.error()));
  json::object of_operation;
  if (auto* const given = params.if_contains(params_field); given != nullptr) {
    of_operation = std::move(given->get_object());
  }
  if (self->phase_ == Phase::stopping || self->phase_ == Phase::ended || self->stop_requested_) {
    co_return std::unexpected(busrt::RpcError{busrt::rpc_code::internal, "the collector is ending"});
  }
  for (const auto& host : self->hosts_) {
    for (Operation& operation : host->source().operations()) {
      if (operation.name != name) continue;
      co_return co_await self->tasks_.run(std::move(operation), *std::move(id), std::move(of_operation));
    }
  }
  co_return std::unexpected(invalid_params(
      fmt::format("{}: this collector has no operation \"{}\"", operation_field, name.substr(0, 64))));
}

asio::awaitable<Runtime::Impl::MethodResult> Runtime::Impl::cancel_task(Ptr self, json::object params) {
  const auto id = task_id(params);
  if (!id) co_return std::unexpected(id.error());
  co_return json::object{{"cancelled", self->tasks_.cancel(*id)}};
}

asio::awaitable<Runtime::Impl::MethodResult> Runtime::Impl::shutdown(Ptr self, json::object /*params*/) {
  // Only asked for here: the answer is queued before the stop begins, and disconnecting writes out what is
  // queued.
  self->request_stop("asked to by RPC");
  co_return json::object{{"stopping", true}};
}

std::expected<std::vector<SourceHost*>, busrt::RpcError> Runtime::Impl::chosen(const json::object& params) {
  std::vector<SourceHost*> hosts;
  const auto* const source = params.if_contains(source_field);
  for (const auto& host : hosts_) {
    if (source == nullptr || std::string_view(source->get_string()) == host->name())
      hosts.push_back(host.get());
  }
  if (hosts.empty()) {
    return std::unexpected(invalid_params(fmt::format("{}: this collector has no source \"{}\"", source_field,
                                                      std::string_view(source->get_string()).substr(0, 64))));
  }
  return hosts;
}

}  // namespace daemoneye::collector
