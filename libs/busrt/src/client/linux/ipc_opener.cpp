// ipc addresses on Linux: unix sockets.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "client/transports.hpp"
#include "transport/as_values.hpp"
#include "transport/ipc_target.hpp"

namespace busrt::detail {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// A connected descriptor, or an errno as a negative number.
int connect_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -errno;
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return descriptor;
  const int error = errno;
  ::close(descriptor);
  return -error;
}

}  // namespace

asio::awaitable<Opened> open_ipc(asio::any_io_executor executor, std::string path,
                                 std::filesystem::path runtime_directory) {
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    co_return fail(
        errc::bad_address,
        "socket path longer than " + std::to_string(sizeof(sockaddr_un::sun_path) - 1) + " bytes: " + path);
  }
  if (const auto trusted = check_runtime_directory(path, runtime_directory); !trusted) {
    co_return fail(errc::access, "cannot connect to " + path + ": " + trusted.error().message);
  }
  asio::steady_timer pause(co_await asio::this_coro::executor);
  for (auto wait = 1ms;; wait = std::min(wait * 2, 50ms)) {
    const int connected = connect_unix(path);
    if (connected >= 0) co_return make_socket_stream(executor, connected);
    // A full backlog is no refusal, but there is nothing to wait on: Asio would take the socket for
    // connected.
    if (connected != -EAGAIN && connected != -EINTR) {
      co_return no_connection(path, std::generic_category().message(-connected));
    }
    pause.expires_after(wait);
    if (auto [error] = co_await pause.async_wait(transport::as_values); error)
      co_return no_connection(path, "given up");
  }
}

}  // namespace busrt::detail
