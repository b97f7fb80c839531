// Exceptions in the agent itself: each is counted, and a complaint in `status` until the agent restarts. The
// log has them throttled, because a frame may cause one each time.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/base/throttled_log.hpp"
#include "logger.hpp"

namespace daemoneye_agent {

/// Thread safety: any thread.
class Faults {
 public:
  explicit Faults(const Logger& log) : lines_(log.sink(), "faults of the agent") {}

  /// `where` names the task or step that an exception has ended, as the object of "a fault in".
  void note(std::string_view where, std::string_view what);
  /// Runs `call`. An exception that leaves it is noted and goes no further.
  template <class Call>
  void guard(std::string_view where, Call&& call) {
    try {
      call();
    } catch (const std::exception& fault) {
      note(where, fault.what());
    }
  }

  /// A sentence for each place, with the number of exceptions and the last one; empty when there was none.
  [[nodiscard]] std::vector<std::string> complaints() const;

 private:
  struct Entry {
    std::uint64_t count = 0;
    std::string last;
  };
  mutable std::mutex mutex_;
  busrt::base::ThrottledLog lines_;
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace daemoneye_agent
