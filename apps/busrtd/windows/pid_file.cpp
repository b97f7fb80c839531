// Written beside the file and renamed into place, so that a reader never sees half a number.
#include "pid_file.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "system.hpp"

namespace busrtd {

PidFile::~PidFile() {
  if (path_.empty()) return;
  std::ifstream file(path_);
  long written = 0;
  const bool ours = (file >> written) && written == process_id();
  file.close();
  std::error_code ignored;
  if (ours) std::filesystem::remove(path_, ignored);
}

busrt::base::Result<> PidFile::write(const std::string& path) {
  const std::string draft = path + "." + std::to_string(process_id());
  std::error_code error;
  errno = 0;
  std::ofstream file(draft, std::ios::trunc);
  // No newline: the real server writes none, and scripts compare the whole file.
  file << process_id();
  file.close();
  if (!file) {
    const int reason = errno;
    std::filesystem::remove(draft, error);
    return busrt::base::fail_errno(reason != 0 ? reason : EIO, "pid file " + path);
  }
  std::filesystem::rename(draft, path, error);
  if (error) {
    std::error_code ignored;
    std::filesystem::remove(draft, ignored);
    return busrt::base::fail(error, "pid file " + path);
  }
  path_ = path;
  return {};
}

}  // namespace busrtd
