// The operations that run at present: each started by run_task, and ended by itself or by a cancellation.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstddef>
#include <expected>
#include <list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "busrt/rpc.hpp"
#include "daemoneye/collector/operation.hpp"

namespace daemoneye::collector {

/// Lives on the runtime's executor.
class Tasks {
 public:
  using Answer = std::expected<boost::json::object, busrt::RpcError>;

  explicit Tasks(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  /// Checks the params and runs the operation to its end. Returns {operation, task_id?, parts: [...]}. `id`
  /// may be empty: such a task is cancelled with all others alone. The caller keeps the source and this
  /// alive.
  boost::asio::awaitable<Answer> run(Operation operation, std::string id, boost::json::object params);
  /// Returns false when no task of this id runs.
  bool cancel(std::string_view id);
  void cancel_all();
  [[nodiscard]] std::size_t running() const noexcept { return running_.size(); }

 private:
  struct Running {
    std::string id;
    boost::asio::cancellation_signal end;
  };
  class Entry;

  boost::asio::awaitable<Answer> run_to_end(const Operation& operation, Running& running,
                                            boost::json::object params);

  boost::asio::any_io_executor executor_;
  std::list<Running> running_;
};

/// The first param that is unknown, missing or of another type, as invalid_params; empty when all are right.
[[nodiscard]] std::optional<busrt::RpcError> check_params(const Operation& operation,
                                                          const boost::json::object& params);

/// Returns [{name, source, sentence, params: [{name, type, unit?, sentence, required}], results: [the
/// same]}].
[[nodiscard]] boost::json::array describe_operations(std::string_view source,
                                                     std::span<const Operation> operations);

}  // namespace daemoneye::collector
