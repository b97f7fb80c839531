#include "port_sharing.hpp"

namespace busrt::http {

void set_port_sharing(boost::asio::ip::tcp::acceptor& acceptor, boost::system::error_code& error) {
  acceptor.set_option(boost::asio::ip::tcp::acceptor::reuse_address(true), error);
}

}  // namespace busrt::http
