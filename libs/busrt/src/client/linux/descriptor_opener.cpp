// Sockets that the application, or the process that started it, has connected.
#include <fcntl.h>

#include <cerrno>
#include <charconv>
#include <system_error>

#include "client/transports.hpp"

namespace busrt::detail {

Opened open_descriptor(const boost::asio::any_io_executor& executor, const std::string& target) {
  int number = -1;
  std::from_chars(target.data(), target.data() + target.size(), number);
  const int copy = ::fcntl(number, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return no_connection("fd:" + target, std::generic_category().message(errno));
  return make_socket_stream(executor, copy);
}

}  // namespace busrt::detail
