// The pid file: written when the broker listens, removed when it stops.
#pragma once

#include <string>

#include "base/result.hpp"

namespace busrtd {

/// Owns the file: removes it at its end, unless another process has written itself into it meanwhile.
class PidFile {
 public:
  PidFile() = default;
  ~PidFile();
  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;

  /// Writes this process's id. An error names the file and the reason.
  [[nodiscard]] base::Result<> write(const std::string& path);

 private:
  std::string path_;
};

}  // namespace busrtd
