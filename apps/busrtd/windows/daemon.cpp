// There is no background to go to: unavailable() refuses the option before anybody comes here.
#include "daemon.hpp"

#include <system_error>

namespace busrtd {

Daemon::~Daemon() = default;

busrt::base::Result<> Daemon::detach() {
  return busrt::base::fail(std::make_error_code(std::errc::not_supported), "going to the background");
}

busrt::base::Result<> Daemon::ready() {
  return {};
}

}  // namespace busrtd
