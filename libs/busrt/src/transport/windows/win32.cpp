#include "transport/windows/win32.hpp"

#include <system_error>

namespace busrt::transport {

std::wstring widen(std::string_view utf8) {
  const int size = static_cast<int>(utf8.size());
  const int wide = ::MultiByteToWideChar(CP_UTF8, 0, utf8.data(), size, nullptr, 0);
  std::wstring text(static_cast<std::size_t>(wide), L'\0');
  ::MultiByteToWideChar(CP_UTF8, 0, utf8.data(), size, text.data(), wide);
  return text;
}

std::string system_message(DWORD error) {
  return std::system_category().message(static_cast<int>(error));
}

std::unexpected<Error> fail_system(DWORD error, std::string what) {
  return fail(std::error_code(static_cast<int>(error), std::system_category()), std::move(what));
}

bool means_closed(DWORD error) noexcept {
  return error == ERROR_BROKEN_PIPE || error == ERROR_NO_DATA || error == ERROR_PIPE_NOT_CONNECTED ||
         error == ERROR_OPERATION_ABORTED;
}

}  // namespace busrt::transport
