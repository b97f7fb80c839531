// ipc addresses on Windows are named pipes.
#include "transport/ipc_target.hpp"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "busrt/address.hpp"

namespace busrt {

namespace {

constexpr std::string_view pipe_prefix = R"(\\.\pipe\)";
/// The system's limit on the whole name, prefix included.
constexpr std::size_t max_pipe_name_bytes = 256;

Target pipe_target(std::string_view name) {
  if (name.empty()) return std::unexpected("the pipe name is empty");
  if (name.find_first_of("/\\") != std::string_view::npos) {
    return std::unexpected(
        "on Windows it names a pipe, whose name has no slashes: expected ipc://NAME, as in "
        "ipc://bus.sock");
  }
  if (pipe_prefix.size() + name.size() > max_pipe_name_bytes) {
    return std::unexpected("the pipe name is longer than the " +
                           std::to_string(max_pipe_name_bytes - pipe_prefix.size()) +
                           " bytes that the system allows");
  }
  return std::string(pipe_prefix).append(name);
}

}  // namespace

bool looks_like_path(std::string_view text) {
  return text.starts_with('/') || text.starts_with('\\') || text.ends_with(".sock") ||
         text.ends_with(".socket") || text.ends_with(".ipc");
}

Target path_target(std::string_view path) {
  if (path.starts_with(pipe_prefix)) return pipe_target(path.substr(pipe_prefix.size()));
  return std::unexpected("socket paths do not exist on Windows: expected ipc://NAME for the named pipe NAME");
}

Target ipc_target(std::string_view text, const std::filesystem::path& /*runtime_directory*/) {
  return pipe_target(text);
}

std::filesystem::path runtime_directory(std::string_view program) {
  const char* local = std::getenv("LOCALAPPDATA");
  if (local != nullptr && std::filesystem::path(local).is_absolute()) {
    return std::filesystem::path(local) / program;
  }
  std::error_code unusable;
  std::filesystem::path temporary = std::filesystem::temp_directory_path(unusable);
  if (unusable) temporary = "C:/Windows/Temp";
  return temporary / program;
}

Result<> check_runtime_directory(const std::filesystem::path& /*target*/,
                                 const std::filesystem::path& /*runtime_directory*/) {
  // Pipes lie in no directory; a client checks the owner of the pipe that it has opened.
  return {};
}

}  // namespace busrt
