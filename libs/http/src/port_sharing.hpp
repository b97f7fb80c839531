// Whether a port that is in use may be bound again. Systems mean different things by the same option.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

namespace busrt::http {

/// To be called before bind(). A port that an earlier run of the program has just left may be taken at once;
/// a port on which another program listens may not.
void set_port_sharing(boost::asio::ip::tcp::acceptor& acceptor, boost::system::error_code& error);

}  // namespace busrt::http
