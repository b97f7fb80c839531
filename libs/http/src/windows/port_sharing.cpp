#include "port_sharing.hpp"

namespace busrt::http {

void set_port_sharing(boost::asio::ip::tcp::acceptor& acceptor, boost::system::error_code& error) {
  // Ports that were left are free at once here, and the other option would let two programs share one that is
  // in use.
  using Exclusive = boost::asio::detail::socket_option::boolean<SOL_SOCKET, SO_EXCLUSIVEADDRUSE>;
  acceptor.set_option(Exclusive(true), error);
}

}  // namespace busrt::http
