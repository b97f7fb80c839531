// Which services the agent has, in which order, and what each stands on.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "agent.hpp"
#include "config/config.hpp"
#include "logger.hpp"
#include "supervisor/process_host.hpp"

namespace daemoneye_agent {

/// Appends the services to `agent`. `host`, which runs its collectors, and `config` outlive it.
void add_services(Agent& agent, const boost::asio::any_io_executor& executor, ProcessHost& host,
                  const Config& config, const Logger& log);

}  // namespace daemoneye_agent
