// What the broker says of a connection that has ended: a line of the log, and for some reasons an
// announcement.
#pragma once

#include <string>
#include <string_view>

#include "broker/endpoint.hpp"
#include "broker/session_end.hpp"
#include "busrt/base/log.hpp"
#include "busrt/broker_config.hpp"
#include "transport/stream.hpp"

namespace busrt::broker {

struct EndReport {
  base::LogLevel level = base::LogLevel::debug;
  std::string line;
  std::string_view announcement;  ///< subject on `.broker/warn`; empty: none
};

/// `client` is null if the connection has not registered.
[[nodiscard]] EndReport report_end(const SessionEnd& end, const Endpoint* client,
                                   const transport::Stream& stream, const BrokerConfig& config);

}  // namespace busrt::broker
