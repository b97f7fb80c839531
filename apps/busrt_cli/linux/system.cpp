#include "system.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "busrt/base/closed_output.hpp"
#include "busrt/base/inherited_signals.hpp"
#include "busrt/base/standard_streams.hpp"
#include "busrt/base/terminal_text.hpp"
#include "common/address_advice.hpp"

namespace busrt_cli {

void set_up_process() {
  busrt::base::reserve_standard_streams();
  busrt::base::reset_inherited_signals();
  // A reader that has gone is an error of the write, which ends a command as quietly as it is seen without
  // one.
  std::signal(SIGPIPE, SIG_IGN);
}

bool output_is_terminal() {
  return ::isatty(STDOUT_FILENO) == 1;
}

bool error_is_terminal() {
  return ::isatty(STDERR_FILENO) == 1;
}

bool input_is_terminal() {
  return ::isatty(STDIN_FILENO) == 1;
}

std::optional<std::size_t> output_columns() {
  return busrt::base::terminal_columns(STDOUT_FILENO);
}

bool output_closed() {
  return busrt::base::output_closed(STDOUT_FILENO);
}

void exit_when_output_closes(int code) {
  busrt::base::exit_when_output_closes(STDOUT_FILENO, code);
}

busrt::base::Result<std::size_t> read_input(std::span<std::byte> room) {
  for (;;) {
    const ssize_t count = ::read(STDIN_FILENO, room.data(), room.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return busrt::base::fail_errno(errno, "standard input");
  }
}

std::string socket_advice(const std::filesystem::path& path) {
  constexpr program::ServerWords words = {
      .server = "broker",
      .start = "busrtd -B {}",
      .address = "give the path of another",
  };
  const auto state = program::look_at_socket(path);
  const bool may_open = ::access(path.c_str(), R_OK | W_OK) == 0;
  return program::advise(state, path.string(), may_open, words);
}

std::string process_identity() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host = {'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't'};
  return std::string(host.data()) + "." + std::to_string(::getpid());
}

}  // namespace busrt_cli
