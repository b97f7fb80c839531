#include <sys/ioctl.h>
#include <unistd.h>

#include "busrt/base/terminal_text.hpp"

namespace busrt::base {

std::optional<std::size_t> terminal_columns(int descriptor) {
  if (::isatty(descriptor) == 0) return std::nullopt;
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace busrt::base
