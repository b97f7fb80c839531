// A collector's process, as the supervisor sees it.
#pragma once

#include <sys/types.h>

namespace daemoneye_agent {

/// One process of a ProcessHost (process_host.hpp).
class CollectorProcess {
 public:
  virtual ~CollectorProcess() = default;
  [[nodiscard]] virtual pid_t pid() const noexcept = 0;
  /// Never hits another process.
  virtual void signal(int number) noexcept = 0;
};

}  // namespace daemoneye_agent
