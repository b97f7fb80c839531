// Collectors that the keeper runs, so that they outlive an agent that dies.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "supervisor/keeper_connection.hpp"
#include "supervisor/process_host.hpp"

namespace daemoneye_agent {

/// `lost` is called once, on the executor, when the keeper is gone. The processes do not end with their
/// objects: the keeper ends them after an agent that ended in order, and keeps them for the next one
/// otherwise.
[[nodiscard]] std::unique_ptr<ProcessHost> make_keeper_process_host(boost::asio::any_io_executor executor,
                                                                    std::shared_ptr<KeeperConnection> keeper,
                                                                    std::function<void()> lost);

}  // namespace daemoneye_agent
