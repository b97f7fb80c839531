// The methods that every collector answers.

#include <fmt/format.h>

#include <array>
#include <boost/json/array.hpp>
#include <set>
#include <utility>

#include "daemoneye/events/event.hpp"
#include "daemoneye/events/schema.hpp"
#include "daemoneye/events/task_fields.hpp"
#include "runtime/privileges.hpp"
#include "runtime/runtime_impl.hpp"

namespace daemoneye::collector {

namespace asio = boost::asio;
namespace json = boost::json;

using rpc_service::decode_params;
using rpc_service::encode_result;
using rpc_service::encoding_of;
using rpc_service::invalid_params;
using rpc_service::unknown_field;

namespace {

constexpr std::array<std::string_view, 8> method_names = {
    "health_check",     "start_collection", "stop_collection", "update_config",
    "get_capabilities", "run_task",         "cancel_task",     "shutdown"};
constexpr std::string_view task_id_field = "task_id";
constexpr std::string_view heartbeat_field = "heartbeat_ms";
constexpr std::string_view source_field = "source";
constexpr std::string_view operation_field = events::task::operation.name;
constexpr std::string_view params_field = events::task::params.name;

std::expected<std::chrono::milliseconds, busrt::RpcError> parse_heartbeat(const json::value& value) {
  boost::system::error_code error;
  const auto count = value.is_number() ? value.to_number<std::int64_t>(error) : 0;
  const std::chrono::milliseconds interval(count);
  if (error || interval < limits::heartbeat_least || interval > limits::heartbeat_most) {
    return std::unexpected(
        invalid_params(fmt::format("{}: expected an integer from {} to {} (milliseconds)", heartbeat_field,
                                   limits::heartbeat_least.count(), limits::heartbeat_most.count())));
  }
  return interval;
}

std::expected<std::string, busrt::RpcError> text_param(const json::object& params, std::string_view name) {
  const auto* const value = params.if_contains(name);
  if (value == nullptr) return std::unexpected(invalid_params(fmt::format("{}: missing", name)));
  if (!value->is_string()) return std::unexpected(invalid_params(fmt::format("{}: expected a string", name)));
  return std::string(value->get_string());
}

std::expected<std::string, busrt::RpcError> task_id(const json::object& params) {
  auto id = text_param(params, task_id_field);
  if (id && (id->empty() || id->size() > limits::task_id_bytes)) {
    return std::unexpected(
        invalid_params(fmt::format("{}: expected 1 to {} bytes", task_id_field, limits::task_id_bytes)));
  }
  return id;
}

}  // namespace

void Runtime::Impl::register_methods() {
  register_method("health_check", &Impl::health_check);
  register_method("start_collection", &Impl::start_collection);
  register_method("stop_collection", &Impl::stop_collection);
  register_method("update_config", &Impl::update_config);
  register_method("get_capabilities", &Impl::get_capabilities);
  register_method("run_task", &Impl::run_task);
  register_method("cancel_task", &Impl::cancel_task);
  register_method("shutdown", &Impl::shutdown);
}

void Runtime::Impl::register_method(const char* name, Method method) {
  rpc_->on(name, [weak = weak_from_this(), method](busrt::RpcRequest request) {
    return answer(weak, method, std::move(request));
  });
}

asio::awaitable<busrt::RpcResult> Runtime::Impl::answer(std::weak_ptr<Impl> weak, Method method,
                                                        busrt::RpcRequest request) {
  const auto self = weak.lock();
  if (self == nullptr) {
    co_return std::unexpected(busrt::RpcError{busrt::rpc_code::internal, "the collector is ending"});
  }
  auto params = decode_params(request.payload);
  if (!params) co_return std::unexpected(std::move(params.error()));
  const auto encoding = encoding_of(request.payload);
  auto result = co_await method(self, std::move(*params));
  if (!result) {
    self->refusal_lines_.write(
        busrt::base::LogLevel::warn,
        fmt::format("refused {} of {}: {}", request.method, request.sender(), result.error().message));
    co_return std::unexpected(std::move(result.error()));
  }
  co_return encode_result(*result, encoding);
}

asio::awaitable<Runtime::Impl::MethodResult> Runtime::Impl::health_check(Ptr self, json::object params) {
  if (auto wrong = unknown_field(params, {})) co_return std::unexpected(std::move(*wrong));
  co_return self->health();
}

asio::awaitable<Runtime::Impl::MethodResult> Runtime::Impl::start_collection(Ptr self, json::object params) {
  if (auto wrong = unknown_field(params, {source_field})) co_return std::unexpected(std::move(*wrong));
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
  if (auto wrong = unknown_field(params, {source_field})) co_return std::unexpected(std::move(*wrong));
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
    const auto parsed = parse_heartbeat(*value);
    if (!parsed) co_return std::unexpected(parsed.error());
    heartbeat = *parsed;
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

asio::awaitable<Runtime::Impl::MethodResult> Runtime::Impl::get_capabilities(Ptr self, json::object params) {
  if (auto wrong = unknown_field(params, {})) co_return std::unexpected(std::move(*wrong));
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
  result["methods"] = json::array(method_names.begin(), method_names.end());
  result["operations"] = std::move(operations);
  result["sources"] = std::move(sources);
  co_return result;
}

asio::awaitable<Runtime::Impl::MethodResult> Runtime::Impl::run_task(Ptr self, json::object params) {
  if (auto wrong = unknown_field(params, {operation_field, params_field, task_id_field})) {
    co_return std::unexpected(std::move(*wrong));
  }
  auto name = text_param(params, operation_field);
  if (!name) co_return std::unexpected(std::move(name.error()));
  std::expected<std::string, busrt::RpcError> id;
  if (params.contains(task_id_field)) id = task_id(params);
  if (!id) co_return std::unexpected(std::move(id.error()));
  json::object of_operation;
  if (auto* const given = params.if_contains(params_field); given != nullptr) {
    if (!given->is_object()) {
      co_return std::unexpected(invalid_params(fmt::format("{}: expected an object", params_field)));
    }
    of_operation = std::move(given->get_object());
  }
  if (self->phase_ == Phase::stopping || self->phase_ == Phase::ended || self->stop_requested_) {
    co_return std::unexpected(busrt::RpcError{busrt::rpc_code::internal, "the collector is ending"});
  }
  for (const auto& host : self->hosts_) {
    for (Operation& operation : host->source().operations()) {
      if (operation.name != *name) continue;
      co_return co_await self->tasks_.run(std::move(operation), *std::move(id), std::move(of_operation));
    }
  }
  co_return std::unexpected(invalid_params(
      fmt::format("{}: this collector has no operation \"{}\"", operation_field, name->substr(0, 64))));
}

asio::awaitable<Runtime::Impl::MethodResult> Runtime::Impl::cancel_task(Ptr self, json::object params) {
  if (auto wrong = unknown_field(params, {task_id_field})) co_return std::unexpected(std::move(*wrong));
  const auto id = task_id(params);
  if (!id) co_return std::unexpected(id.error());
  co_return json::object{{"cancelled", self->tasks_.cancel(*id)}};
}

asio::awaitable<Runtime::Impl::MethodResult> Runtime::Impl::shutdown(Ptr self, json::object params) {
  if (auto wrong = unknown_field(params, {})) co_return std::unexpected(std::move(*wrong));
  // Only asked for here: the answer is queued before the stop begins, and disconnecting writes out what is
  // queued.
  self->request_stop("asked to by RPC");
  co_return json::object{{"stopping", true}};
}

std::expected<std::vector<SourceHost*>, busrt::RpcError> Runtime::Impl::chosen(const json::object& params) {
  std::vector<SourceHost*> hosts;
  const auto* const source = params.if_contains(source_field);
  if (source != nullptr && !source->is_string()) {
    return std::unexpected(invalid_params(fmt::format("{}: expected a string", source_field)));
  }
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
