// The answer to `client.list` as a table: the real tool's columns, and behind them those that only our broker
// fills.
#pragma once

#include <boost/json/array.hpp>
#include <string_view>

#include "busrt/base/result.hpp"
#include "table.hpp"

namespace busrt_cli {

/// Without the client that asks. Errors: errc::data where an entry is no client.
[[nodiscard]] busrt::base::Result<Table> client_table(const boost::json::array& clients,
                                                      std::string_view asker);

}  // namespace busrt_cli
