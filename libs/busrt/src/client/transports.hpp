// One function for each way to a broker: from a parsed address to a connected stream on `executor`. Each is
// spawned on the lane of its attempt, where it can be cancelled.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "busrt/address.hpp"
#include "busrt/error.hpp"
#include "client/stream.hpp"

namespace busrt::detail {

using Opened = Result<std::unique_ptr<Stream>>;

inline std::unexpected<Error> no_connection(const std::string& where, const std::string& why) {
  return fail(errc::io, "cannot connect to " + where + ": " + why);
}

/// A unix socket on Linux, a named pipe on Windows; `target` is Address::target.
[[nodiscard]] boost::asio::awaitable<Opened> open_ipc(boost::asio::any_io_executor executor,
                                                      std::string target);
[[nodiscard]] boost::asio::awaitable<Opened> open_tcp(boost::asio::any_io_executor executor, Address address);

}  // namespace busrt::detail
