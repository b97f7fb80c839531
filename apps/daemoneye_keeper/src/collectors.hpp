// The collectors that the keeper runs: started, signalled and reaped on the agent's request.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/base/result.hpp"
#include "daemoneye_keeper/protocol/message.hpp"
#include "spawn.hpp"

namespace daemoneye_keeper {

/// The most collectors at a time.
inline constexpr std::size_t max_collectors = 64;

/// A process, from its fork until it is reaped. Until then its pid cannot come to mean another process.
struct Collector {
  std::string name;
  std::vector<std::string> argv;
  std::string input_mark;       ///< the agent's own; it tells it whether the settings are still those
  std::int64_t started_at = 0;  ///< nanoseconds since 1970 UTC
  StartedCollector process;
  std::optional<std::uint32_t> go_serial;  ///< the request whose answer waits for exec
  bool exec_failed = false;
  std::optional<int> ended;  ///< its wait status; it is a zombie
};

class Collectors {
 public:
  /// Forks one, which waits at its gate. Errors: EINVAL for a name or a command that is none, EEXIST where a
  /// collector of that name is not reaped, ENOSPC, the system's own.
  [[nodiscard]] busrt::base::Result<const Collector*> start(const Message& request);
  /// Opens the gate; the answer to `serial` follows from ran(). Errors: ENOENT, EALREADY.
  [[nodiscard]] busrt::base::Result<> go(std::string_view name, std::uint32_t serial);
  /// By the pidfd, so it never hits another process. Errors: ENOENT, ESRCH after its end, the system's own.
  [[nodiscard]] busrt::base::Result<> signal(std::string_view name, int number) const;
  /// Forgets one that has ended, and kills what it has left behind in its process group. Errors: ENOENT,
  /// EBUSY while it runs.
  [[nodiscard]] busrt::base::Result<> reap(std::string_view name);
  /// The one with this index in the order of names, or nullptr.
  [[nodiscard]] const Collector* at(std::size_t index) const;

  /// Its report pipe is readable: the answer to its `go`.
  [[nodiscard]] Message ran(Collector& collector);
  /// Its pidfd is readable. Returns whether it has ended, which it keeps as a zombie.
  static bool note_end(Collector& collector);

  /// Kills and forgets those that wait at their gate: their agent is gone.
  void drop_waiting();
  /// Sends a signal to all that run, and closes their sockets.
  void end_all(int number);
  /// Forgets all that have ended. Returns whether none is left.
  bool reap_ended();

  [[nodiscard]] std::map<std::string, Collector, std::less<>>& all() noexcept { return all_; }

 private:
  static void bury(const Collector& collector);

  std::map<std::string, Collector, std::less<>> all_;
};

/// A duplicate that closes by exec. Errors: the system's own.
[[nodiscard]] busrt::base::Result<busrt::base::UniqueFd> duplicate(const busrt::base::UniqueFd& descriptor);

}  // namespace daemoneye_keeper
