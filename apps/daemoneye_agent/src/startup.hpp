// Start-up as a list of named steps, each with its own teardown.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <string>
#include <vector>

#include "busrt/base/result.hpp"
#include "logger.hpp"

namespace daemoneye_agent {

struct Step {
  std::string name;
  std::function<boost::asio::awaitable<busrt::base::Result<>>()> up;
  std::function<boost::asio::awaitable<void>()> down;
};

/// Runs steps in order and undoes those that were done in reverse, whatever happens in between.
class Startup {
 public:
  Startup(std::vector<Step> steps, Logger log) : steps_(std::move(steps)), log_(std::move(log)) {}

  /// Stops at the first step that fails, or before the next one once `cancelled` says so. The error names the
  /// step.
  boost::asio::awaitable<busrt::base::Result<>> up(std::function<bool()> cancelled);
  /// Undoes what up() did. A step that failed is not undone: it leaves nothing behind by itself.
  boost::asio::awaitable<void> down();

 private:
  std::vector<Step> steps_;
  Logger log_;
  std::size_t done_ = 0;
};

}  // namespace daemoneye_agent
