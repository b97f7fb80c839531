// ipc addresses on Linux are paths of unix sockets.
#include "transport/ipc_target.hpp"

#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "busrt/address.hpp"

namespace busrt {

namespace {
/// The kernel's limit: the path and its final zero lie in sockaddr_un.
constexpr std::size_t max_socket_path_bytes = sizeof(sockaddr_un::sun_path) - 1;
}  // namespace

bool looks_like_path(std::string_view text) {
  return text.starts_with('/') || text.ends_with(".sock") || text.ends_with(".socket") ||
         text.ends_with(".ipc");
}

Target path_target(std::string_view path) {
  if (path.empty()) return std::unexpected("the socket path is empty");
  if (path.ends_with('/')) return std::unexpected("the socket path names a directory");
  if (path.size() > max_socket_path_bytes) {
    return std::unexpected("the socket path '" + std::string(path) + "' is longer than the " +
                           std::to_string(max_socket_path_bytes) + " bytes that the system allows");
  }
  return std::string(path);
}

Target ipc_target(std::string_view text) {
  if (text.empty() || text.contains('/')) return path_target(text);
  return path_target((runtime_directory() / text).string());
}

std::filesystem::path runtime_directory() {
  const uid_t user = ::geteuid();
  if (user == 0) return "/run/daemoneye";
  // The specification asks to ignore a relative path.
  const char* given = std::getenv("XDG_RUNTIME_DIR");
  if (given != nullptr && *given == '/') return std::filesystem::path(given) / "daemoneye";
  std::error_code unusable;
  std::filesystem::path temporary = std::filesystem::temp_directory_path(unusable);
  if (unusable) temporary = "/tmp";
  return temporary / ("daemoneye-" + std::to_string(user));
}

}  // namespace busrt
