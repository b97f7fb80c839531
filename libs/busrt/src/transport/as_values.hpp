// Errors of Asio's operations as values instead of exceptions.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace busrt::transport {

/// Completion token: the operation's awaitable gives a tuple that begins with the error code.
inline constexpr auto as_values = boost::asio::as_tuple(boost::asio::use_awaitable);

}  // namespace busrt::transport
