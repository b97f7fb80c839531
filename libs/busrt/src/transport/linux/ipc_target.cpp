// ipc addresses on Linux are paths of unix sockets.
#include "transport/ipc_target.hpp"

#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "busrt/address.hpp"
#include "busrt/base/trusted_file.hpp"

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

Target ipc_target(std::string_view text, const std::filesystem::path& runtime_directory) {
  if (text.empty() || text.contains('/')) return path_target(text);
  if (runtime_directory.empty()) {
    return std::unexpected(
        "a bare name lies in the program's runtime directory, and this program names none: " +
        ("expected ipc:///PATH/" + std::string(text)));
  }
  return path_target((runtime_directory / text).string());
}

std::filesystem::path runtime_directory(std::string_view program) {
  const uid_t user = ::geteuid();
  if (user == 0) return std::filesystem::path("/run") / program;
  // The specification asks to ignore a relative path.
  const char* given = std::getenv("XDG_RUNTIME_DIR");
  if (given != nullptr && *given == '/') return std::filesystem::path(given) / program;
  std::error_code unusable;
  std::filesystem::path temporary = std::filesystem::temp_directory_path(unusable);
  if (unusable) temporary = "/tmp";
  return temporary / (std::string(program) + "-" + std::to_string(user));
}

Result<> check_runtime_directory(const std::filesystem::path& target,
                                 const std::filesystem::path& runtime_directory) {
  if (runtime_directory.empty() || target.parent_path() != runtime_directory.lexically_normal()) return {};
  auto trusted = base::check_trusted_directory(runtime_directory);
  if (!trusted && trusted.error().code == std::errc::no_such_file_or_directory) return {};
  return trusted;
}

}  // namespace busrt
