// Running operations. A fault of a handler ends its task, and never the collector.
#include "runtime/tasks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <iterator>
#include <system_error>

#include "daemoneye/collector/limits.hpp"
#include "daemoneye/events/check.hpp"
#include "daemoneye/events/task_fields.hpp"
#include "daemoneye/rpc_service/params.hpp"

namespace daemoneye::collector {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

std::unexpected<busrt::RpcError> internal_error(std::string message) {
  return std::unexpected(busrt::RpcError{busrt::rpc_code::internal, std::move(message)});
}

std::unexpected<busrt::RpcError> cancelled(const Operation& operation) {
  return internal_error(operation.name + ": cancelled");
}

std::unexpected<busrt::RpcError> failed(const Operation& operation, const busrt::base::Error& error) {
  if (error.code == std::errc::invalid_argument)
    return std::unexpected(rpc_service::invalid_params(error.message));
  if (error.code == std::errc::operation_canceled) return cancelled(operation);
  return internal_error(operation.name + ": " + error.describe());
}

json::array describe_fields(std::span<const events::Field* const> fields) {
  json::array all;
  for (const events::Field* const field : fields) {
    json::object one;
    one["name"] = field->path();
    one["type"] = events::to_string(field->type);
    if (!field->unit.empty()) one["unit"] = field->unit;
    one["sentence"] = field->sentence;
    one["required"] = field->presence != events::Presence::optional;
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace

/// A place in the list, left however the task ends.
class Tasks::Entry {
 public:
  Entry(std::list<Running>& all, std::string id) : all_(all) {
    all_.emplace_back();
    place_ = std::prev(all_.end());
    place_->id = std::move(id);
  }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  ~Entry() { all_.erase(place_); }
  [[nodiscard]] Running& running() const noexcept { return *place_; }

 private:
  std::list<Running>& all_;
  std::list<Running>::iterator place_;
};

asio::awaitable<Tasks::Answer> Tasks::run(Operation operation, std::string id, json::object params) {
  if (auto wrong = check_params(operation, params)) co_return std::unexpected(std::move(*wrong));
  if (!id.empty() && std::ranges::find(running_, id, &Running::id) != running_.end()) {
    co_return std::unexpected(
        rpc_service::invalid_params(fmt::format("task_id: a task {} runs already", id.substr(0, 64))));
  }
  if (running_.size() >= limits::running_tasks) {
    co_return internal_error(
        fmt::format("{} operations run already, the limit; ask again later", running_.size()));
  }
  const Entry entry(running_, std::move(id));
  co_return co_await run_to_end(operation, entry.running(), std::move(params));
}

asio::awaitable<Tasks::Answer> Tasks::run_to_end(const Operation& operation, Running& running,
                                                 json::object params) {
  ResultParts parts;
  try {
    const auto done =
        co_await asio::co_spawn(executor_, operation.run(std::move(params), parts),
                                asio::bind_cancellation_slot(running.end.slot(), asio::use_awaitable));
    if (!done) co_return failed(operation, done.error());
  } catch (const boost::system::system_error& fault) {
    if (fault.code() == asio::error::operation_aborted) co_return cancelled(operation);
    co_return internal_error(operation.name + ": " + fault.what());
  } catch (const std::exception& fault) {
    co_return internal_error(operation.name + ": " + fault.what());
  }
  json::object answer;
  answer[events::task::operation.name] = operation.name;
  if (!running.id.empty()) answer["task_id"] = running.id;
  json::array all;
  for (json::object& part : parts.take()) all.push_back(std::move(part));
  answer["parts"] = std::move(all);
  co_return answer;
}

bool Tasks::cancel(std::string_view id) {
  const auto found = std::ranges::find(running_, id, &Running::id);
  if (id.empty() || found == running_.end()) return false;
  found->end.emit(asio::cancellation_type::terminal);
  return true;
}

void Tasks::cancel_all() {
  for (Running& running : running_) running.end.emit(asio::cancellation_type::terminal);
}

std::optional<busrt::RpcError> check_params(const Operation& operation, const json::object& params) {
  for (const auto& member : params) {
    const std::string_view name(member.key());
    const auto found = std::ranges::find(operation.params, name, &events::Field::name);
    if (found == operation.params.end()) {
      return rpc_service::invalid_params(
          fmt::format("{}: {} has no such param", name.substr(0, 64), operation.name));
    }
    const bool may_be_null = (*found)->presence == events::Presence::nullable;
    if (member.value().is_null() ? !may_be_null : !events::has_type(member.value(), (*found)->type)) {
      return rpc_service::invalid_params(
          fmt::format("{}: expected {}", name, events::to_string((*found)->type)));
    }
  }
  for (const events::Field* const param : operation.params) {
    if (param->presence != events::Presence::optional && !params.contains(param->name)) {
      return rpc_service::invalid_params(fmt::format("{}: missing", param->name));
    }
  }
  return std::nullopt;
}

json::array describe_operations(std::string_view source, std::span<const Operation> operations) {
  json::array all;
  for (const Operation& operation : operations) {
    all.push_back(json::object{{"name", operation.name},
                               {"source", source},
                               {"sentence", operation.sentence},
                               {"params", describe_fields(operation.params)},
                               {"results", describe_fields(operation.results)}});
  }
  return all;
}

}  // namespace daemoneye::collector
