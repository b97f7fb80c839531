#include "supervisor/collector_input.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

namespace daemoneye_agent {

busrt::base::Result<busrt::base::UniqueFd> make_collector_input(std::string_view text) {
  if (text.empty()) {
    busrt::base::UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (null.get() < 0) return busrt::base::fail_errno(errno, "/dev/null");
    return null;
  }
  busrt::base::UniqueFd memory(::memfd_create("collector-input", MFD_CLOEXEC));
  if (memory.get() < 0) return busrt::base::fail_errno(errno, "memory for a collector's input");
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t written = ::write(memory.get(), text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return busrt::base::fail_errno(errno, "a collector's input");
    done += static_cast<std::size_t>(written);
  }
  if (::lseek(memory.get(), 0, SEEK_SET) != 0) return busrt::base::fail_errno(errno, "a collector's input");
  return memory;
}

}  // namespace daemoneye_agent
