// Written beside the file and renamed into place, so that a reader never sees half a number.
#include "pid_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>

namespace busrtd {

PidFile::~PidFile() {
  if (path_.empty()) return;
  std::ifstream file(path_);
  pid_t written = 0;
  if (file >> written && written == ::getpid()) ::unlink(path_.c_str());
}

base::Result<> PidFile::write(const std::string& path) {
  const std::string draft = path + "." + std::to_string(::getpid());
  errno = 0;
  std::ofstream file(draft, std::ios::trunc);
  // No newline: the real server writes none, and scripts compare the whole file.
  file << ::getpid();
  file.close();
  if (!file) {
    const int reason = errno;
    ::unlink(draft.c_str());
    return base::fail_errno(reason != 0 ? reason : EIO, "pid file " + path);
  }
  if (std::rename(draft.c_str(), path.c_str()) != 0) {
    const int reason = errno;
    ::unlink(draft.c_str());
    return base::fail_errno(reason, "pid file " + path);
  }
  path_ = path;
  return {};
}

}  // namespace busrtd
