// An operation: what a collector does when it is asked to, beside collecting. Its schema and its handler.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "busrt/base/result.hpp"
#include "daemoneye/collector/limits.hpp"
#include "daemoneye/events/field.hpp"

namespace daemoneye::collector {

/// Takes the parts of an operation's result. Thread safety: none; the handler alone uses it.
class ResultParts {
 public:
  /// Adds a part: an object of the fields that the operation declares. Returns false, and takes nothing, when
  /// there are limits::task_parts already.
  bool add(boost::json::object part) {
    if (parts_.size() == limits::task_parts) return false;
    parts_.push_back(std::move(part));
    return true;
  }
  [[nodiscard]] std::size_t size() const noexcept { return parts_.size(); }
  [[nodiscard]] std::vector<boost::json::object> take() { return std::move(parts_); }

 private:
  std::vector<boost::json::object> parts_;
};

/// An operation of a source.
///
/// `params` and `results` say what the handler takes and what each part of its result holds; a param with
/// Presence::optional may be missing, every other one is required. The runtime checks the params before it
/// calls the handler.
struct Operation {
  /// The handler. It runs on the runtime's executor, beside start() and stop() of the source, whether the
  /// source is started or not. cancel_task and the end of the collector cancel it (terminal), which a handler
  /// sees at its next co_await. Errors: std::errc::invalid_argument for a param that cannot be, with a
  /// message that begins with its name; anything else for an operation that failed.
  using Handler = std::function<boost::asio::awaitable<busrt::base::Result<>>(boost::json::object params,
                                                                              ResultParts& parts)>;

  std::string name;      ///< `<domain>.<name>`, for example "process.find"
  std::string sentence;  ///< what it does, for people
  std::vector<const events::Field*> params{};
  std::vector<const events::Field*> results{};
  Handler run{};
};

}  // namespace daemoneye::collector
