// What the supervisor needs of the bus: a seam, so that it can be tried without one.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <string>
#include <string_view>

#include "busrt/base/result.hpp"

namespace daemoneye_agent {

class CollectorBus {
 public:
  virtual ~CollectorBus() = default;

  /// Calls an RPC method of a collector without params. The error's sentence is for the log.
  virtual boost::asio::awaitable<busrt::base::Result<boost::json::object>> call(
      std::string collector, std::string method, std::chrono::milliseconds timeout) = 0;
  /// Publishes on `control.*` or `alerts.*`; what cannot be published is logged.
  virtual void announce(std::string topic, boost::json::object message) = 0;
};

}  // namespace daemoneye_agent
