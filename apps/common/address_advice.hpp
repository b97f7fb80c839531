// What a person can do when nothing answers at the address of a socket.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace program {

/// What a file system shows at the path of a socket.
enum class SocketState : std::uint8_t {
  absent,
  hidden,     ///< a directory above it may not be entered
  no_socket,  ///< a file of another type
  present,
};

/// Looks at the path. Thread safety: any thread.
[[nodiscard]] inline SocketState look_at_socket(const std::filesystem::path& path) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  if (status.type() == std::filesystem::file_type::not_found) return SocketState::absent;
  if (!std::filesystem::status_known(status)) return SocketState::hidden;
  return std::filesystem::is_socket(status) ? SocketState::present : SocketState::no_socket;
}

/// How a program speaks of the server that should answer.
struct ServerWords {
  std::string_view server;  ///< "agent"
  std::string_view start;   ///< the command line that starts one; `{}` stands for the path
  std::string_view
      address;  ///< how to name another address, after "or": "name the agent's address with --bus"
};

/// Returns the advice for a socket at which nothing answers, as the end of a sentence. `may_open` says
/// whether this user may open a socket that is present.
[[nodiscard]] inline std::string advise(SocketState state, std::string_view path, bool may_open,
                                        const ServerWords& words) {
  switch (state) {
    case SocketState::absent:
      return fmt::format("there is no socket {}; start the {} with `{}`, or {}", path, words.server,
                         fmt::format(fmt::runtime(words.start), path), words.address);
    case SocketState::hidden:
      return fmt::format("this user may not enter the directory of {}; run this as the user who runs the {}",
                         path, words.server);
    case SocketState::no_socket:
      return fmt::format("{} is no socket; {}", path, words.address);
    case SocketState::present:
      break;
  }
  if (!may_open)
    return fmt::format("this user may not open {}; run this as the user who runs the {}", path, words.server);
  return fmt::format("no {0} answers at {1}; a killed {0} leaves its socket behind, start it again",
                     words.server, path);
}

}  // namespace program
