// Which services the agent has, in which order, and what each stands on.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "agent.hpp"
#include "config/config.hpp"
#include "continuity.hpp"
#include "logger.hpp"
#include "supervisor/process_host.hpp"

namespace daemoneye_agent {

/// What the agent stands on outside of itself.
struct Surroundings {
  ProcessHost& host;        ///< runs its collectors; outlives it
  Continuity continuity{};  ///< of the account
};

/// Appends the services to `agent`. `config` outlives it.
void add_services(Agent& agent, const boost::asio::any_io_executor& executor, Surroundings surroundings,
                  const Config& config, const Logger& log);

}  // namespace daemoneye_agent
