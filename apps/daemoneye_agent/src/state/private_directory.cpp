// mkdir level by level, because std::filesystem::create_directories leaves the mode to the umask.
#include "state/private_directory.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "busrt/base/trusted_file.hpp"

namespace daemoneye_agent {

busrt::base::Result<> make_private_directory(const std::filesystem::path& path) {
  const auto whole = std::filesystem::absolute(path).lexically_normal();
  std::filesystem::path level;
  for (const auto& part : whole) {
    level /= part;
    struct stat info{};
    if (part.empty() || ::stat(level.c_str(), &info) == 0) continue;
    // Another process may make it at the same moment, which is as good.
    if (::mkdir(level.c_str(), 0700) != 0 && errno != EEXIST) {
      return busrt::base::fail_errno(errno, "cannot make the directory " + level.string());
    }
  }
  return {};
}

busrt::base::Result<std::string> ensure_private_directory(const std::filesystem::path& path) {
  if (auto made = make_private_directory(path); !made) return std::unexpected(std::move(made).error());
  if (auto trusted = busrt::base::check_trusted_directory(path); !trusted) {
    return std::unexpected(std::move(trusted).error());
  }
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return busrt::base::fail_errno(errno, path.string());
  if ((info.st_mode & 077) != 0) {
    return fmt::format(
        "the directory {} has mode {:04o}, so other users can look into it; 0700 keeps them out",
        path.string(), info.st_mode & 07777);
  }
  return std::string();
}

}  // namespace daemoneye_agent
