#include "system.hpp"

#include <windows.h>
//
#include <fcntl.h>
#include <io.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "busrt/base/closed_output.hpp"
#include "busrt/base/terminal_text.hpp"

namespace busrt_cli {

void set_up_process() {
  ::_setmode(::_fileno(stdout), _O_BINARY);
  ::_setmode(::_fileno(stdin), _O_BINARY);
  ::SetConsoleOutputCP(CP_UTF8);
  // Colours are escape sequences, which a console obeys when asked to.
  const HANDLE output = ::GetStdHandle(STD_OUTPUT_HANDLE);
  DWORD mode = 0;
  if (::GetConsoleMode(output, &mode) != 0) {
    ::SetConsoleMode(output, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
  }
}

bool output_is_terminal() {
  return ::_isatty(::_fileno(stdout)) != 0;
}

bool error_is_terminal() {
  return ::_isatty(::_fileno(stderr)) != 0;
}

bool input_is_terminal() {
  return ::_isatty(::_fileno(stdin)) != 0;
}

std::optional<std::size_t> output_columns() {
  return busrt::base::terminal_columns(::_fileno(stdout));
}

bool output_closed() {
  return busrt::base::output_closed(::_fileno(stdout));
}

void exit_when_output_closes(int code) {
  busrt::base::exit_when_output_closes(::_fileno(stdout), code);
}

busrt::base::Result<std::size_t> read_input(std::span<std::byte> room) {
  const int count = ::_read(::_fileno(stdin), room.data(), static_cast<unsigned>(room.size()));
  if (count < 0) return busrt::base::fail_errno(errno, "standard input");
  return static_cast<std::size_t>(count);
}

std::string socket_advice(const std::filesystem::path& /*path*/) {
  // A pipe has no file to look at.
  return "is the broker running there?";
}

std::string process_identity() {
  std::array<char, MAX_COMPUTERNAME_LENGTH + 1> name{};
  DWORD size = static_cast<DWORD>(name.size());
  const std::string host = ::GetComputerNameA(name.data(), &size) != 0 ? name.data() : "localhost";
  return host + "." + std::to_string(::GetCurrentProcessId());
}

}  // namespace busrt_cli
