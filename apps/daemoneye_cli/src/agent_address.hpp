// The address of the agent, and advice when no agent answers there.
#pragma once

#include <filesystem>
#include <string>

namespace daemoneye_cli {

/// The agent's address unless --bus or DAEMONEYE_BUS names another: a socket in the runtime directory.
inline constexpr const char* default_address = "ipc://daemoneye.sock";

/// Who looks for the agent, and where.
struct Seeker {
  std::filesystem::path runtime_directory;                  ///< of this user; where a bare name lies
  std::filesystem::path root_directory = "/run/daemoneye";  ///< that of root
  bool (*may_open)(const std::filesystem::path&);           ///< whether this user may open a socket
};

/// This process: its user and the runtime directory of that user.
[[nodiscard]] Seeker this_user();

/// Returns what to do when no agent answers at `address`, as one sentence without a full stop. A user who
/// looks for an agent of their own learns of root's agent where there is one.
[[nodiscard]] std::string advice(const std::string& address, const Seeker& seeker);

}  // namespace daemoneye_cli
