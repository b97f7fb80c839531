#include <windows.h>
//
#include <io.h>

#include "busrt/base/terminal_text.hpp"

namespace busrt::base {

std::optional<std::size_t> terminal_columns(int descriptor) {
  if (::_isatty(descriptor) == 0) return std::nullopt;
  CONSOLE_SCREEN_BUFFER_INFO info{};
  const auto handle = reinterpret_cast<HANDLE>(::_get_osfhandle(descriptor));
  if (::GetConsoleScreenBufferInfo(handle, &info) == 0) return 80;
  return static_cast<std::size_t>(info.srWindow.Right - info.srWindow.Left + 1);
}

}  // namespace busrt::base
