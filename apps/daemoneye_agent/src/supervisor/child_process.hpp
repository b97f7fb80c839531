// One child process of the agent: started so that it cannot outlive it, watched by a pidfd, its output as
// lines.
#pragma once

#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/base/log.hpp"
#include "busrt/base/result.hpp"
#include "supervisor/collector_process.hpp"
#include "supervisor/lifecycle.hpp"

namespace daemoneye_agent {

/// The longest line of output kept in one piece, in bytes; a longer one is logged in parts.
inline constexpr std::size_t max_output_line = 4096;

struct ChildCallbacks {
  std::function<void(std::string_view line)> output;  ///< one line of stdout or stderr, without its end
  std::function<void(ExitStatus)> exited;             ///< once, after all of its output
  /// Once, when the process has ended and before it is reaped: after that its pid may come to mean another.
  std::function<void()> ending{};
  /// Once, before the process runs its program.
  std::function<void(pid_t)> starting{};
};

/// Owned by one executor; the thread that spawns must live as long as the agent, because the kernel ends the
/// child when that very thread ends (PR_SET_PDEATHSIG).
class ChildProcess final : public CollectorProcess {
 public:
  /// Starts `argv` (argv[0] is the program's path) with the agent's environment and no descriptors but the
  /// standard streams, in a process group of its own so that Ctrl-C in the agent's terminal does not reach
  /// it. Its stdin holds `input` and then ends; other users cannot read that, as they can an argument. When
  /// the process has ended, processes left in its group are killed. Errors name the program.
  [[nodiscard]] static busrt::base::Result<std::unique_ptr<ChildProcess>> spawn(
      boost::asio::any_io_executor executor, const std::vector<std::string>& argv, ChildCallbacks callbacks,
      std::string_view input = {});
  /// Kills the process if it still runs. No callback comes after.
  ~ChildProcess() override;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] pid_t pid() const noexcept override;
  /// Through the pidfd, so it can never hit another process.
  void signal(int number) noexcept override;

 private:
  struct Core;
  explicit ChildProcess(std::shared_ptr<Core> core) : core_(std::move(core)) {}
  std::shared_ptr<Core> core_;
};

/// Splits what comes in pieces into lines. Bytes that are not printable become `?`, so that a collector
/// cannot write terminal control sequences through the agent's log.
class LineSplitter {
 public:
  void feed(std::string_view piece, const std::function<void(std::string_view)>& line);
  /// What is left without a line end.
  void finish(const std::function<void(std::string_view)>& line);

 private:
  std::string partial_;
};

/// A collector's own log line, `NAME: [level] text`, taken apart; another line is `info` as it is.
struct CollectorLine {
  busrt::base::LogLevel level = busrt::base::LogLevel::info;
  std::string_view text;  ///< into the line
};
[[nodiscard]] CollectorLine parse_collector_line(std::string_view line, std::string_view name);

}  // namespace daemoneye_agent
