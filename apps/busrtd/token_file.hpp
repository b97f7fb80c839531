// The file that holds the bearer token of ws:// and wss:// listeners.
#pragma once

#include <string>

#include "busrt/base/result.hpp"

namespace busrtd {

/// The first line of the file, without its line end of either kind. The error's message names the file and
/// the reason; what the token may hold is the broker's to judge.
[[nodiscard]] busrt::base::Result<std::string> read_token_file(const std::string& path);

}  // namespace busrtd
