// One function for each way to a broker: from a parsed address to a connected stream on `executor`. Each runs
// on the strand of its attempt, where it can be cancelled.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "busrt/address.hpp"
#include "busrt/client.hpp"
#include "busrt/error.hpp"
#include "client/stream.hpp"

namespace busrt::detail {

using Opened = Result<std::unique_ptr<Stream>>;

inline std::unexpected<Error> no_connection(const std::string& where, const std::string& why) {
  return fail(errc::io, "cannot connect to " + where + ": " + why);
}
inline std::unexpected<Error> no_connection(const std::string& where, const Error& why) {
  return fail(why.code, "cannot connect to " + where + ": " + why.message);
}

/// Connects to a unix socket on Linux, to a named pipe on Windows. `target` is Address::target. Errors:
/// errc::access for a socket in `runtime_directory` if another user can change the directory, and for a pipe
/// of another user.
[[nodiscard]] boost::asio::awaitable<Opened> open_ipc(boost::asio::any_io_executor executor,
                                                      std::string target,
                                                      std::filesystem::path runtime_directory);
/// Returns a connected, non-blocking socket, which the caller owns.
[[nodiscard]] boost::asio::awaitable<Result<int>> connect_tcp(Address address);
[[nodiscard]] boost::asio::awaitable<Opened> open_tcp(boost::asio::any_io_executor executor, Address address);
[[nodiscard]] boost::asio::awaitable<Opened> open_tls(boost::asio::any_io_executor executor,
                                                      ClientConfig config, Address address);
[[nodiscard]] boost::asio::awaitable<Opened> open_websocket(boost::asio::any_io_executor executor,
                                                            ClientConfig config, Address address);
/// Uses a copy of the descriptor that `target` names in digits. The caller keeps the descriptor itself.
[[nodiscard]] Opened open_descriptor(const boost::asio::any_io_executor& executor, const std::string& target);

}  // namespace busrt::detail
