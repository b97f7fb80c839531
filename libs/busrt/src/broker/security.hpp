// The security options of a broker's configuration.
#pragma once

#include <vector>

#include "busrt/broker_config.hpp"
#include "transport/security_options.hpp"

namespace busrt::broker {

/// Those that `config` sets, which it has to outlive.
[[nodiscard]] std::vector<GivenOption> given_options(const BrokerConfig& config);

}  // namespace busrt::broker
