// Linux: /proc and the process connector.
#include "../platform.hpp"

#include "../arguments.hpp"
#include "connector.hpp"
#include "daemoneye/host/proc_host.hpp"
#include "daemoneye/host/scheduling.hpp"

namespace procmond {
namespace {

busrt::base::Result<std::unique_ptr<Host>> open_host() {
  auto host = daemoneye::host::ProcHost::open(present_arguments);
  if (!host) return std::unexpected(host.error());
  return std::unique_ptr<Host>(std::move(*host));
}

busrt::base::Result<std::unique_ptr<KernelFeed>> open_feed(std::size_t receive_buffer_bytes) {
  auto connector = linux_os::Connector::open(receive_buffer_bytes);
  if (!connector) return std::unexpected(connector.error());
  return std::unique_ptr<KernelFeed>(std::move(*connector));
}

}  // namespace

Platform native_platform() {
  return {open_host, open_feed, daemoneye::host::favour_this_thread};
}

}  // namespace procmond
