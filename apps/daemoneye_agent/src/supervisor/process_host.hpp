// Who runs the collectors' processes for the supervisor: the keeper, or the agent itself where no keeper
// started it.
#pragma once

#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/base/result.hpp"
#include "supervisor/child_process.hpp"
#include "supervisor/collector_process.hpp"

namespace daemoneye_agent {

/// What a collector is started with.
struct CollectorCommand {
  std::string name;
  std::vector<std::string> argv;  ///< argv[0] is the program's path
  std::string input{};            ///< on its stdin, which other users cannot read, as they can an argument
};

/// A collector that an earlier agent has started.
struct RunningCollector {
  std::string name;
  std::vector<std::string> argv;
  pid_t pid = -1;
  std::chrono::system_clock::time_point started;
  std::string input_mark;  ///< of the input that it was started with
};

/// Tells inputs apart without keeping them. No secret: only keeper and agent see it.
[[nodiscard]] std::string mark_of_input(std::string_view input);

/// All members are called on one executor, and so are the callbacks.
class ProcessHost {
 public:
  virtual ~ProcessHost() = default;

  /// Starts a process as ChildProcess::spawn() describes it. Errors name the program.
  [[nodiscard]] virtual busrt::base::Result<std::unique_ptr<CollectorProcess>> spawn(
      const CollectorCommand& command, ChildCallbacks callbacks) = 0;
  /// The processes that an earlier agent has left to this one, before the first spawn().
  [[nodiscard]] virtual busrt::base::Result<std::vector<RunningCollector>> running() = 0;
  /// Takes one of them over; its output and its end come by the callbacks. `starting` is not called.
  [[nodiscard]] virtual busrt::base::Result<std::unique_ptr<CollectorProcess>> adopt(
      const std::string& name, ChildCallbacks callbacks) = 0;
};

/// The processes are children of this one, and end with their objects.
[[nodiscard]] std::unique_ptr<ProcessHost> make_child_process_host(boost::asio::any_io_executor executor);

}  // namespace daemoneye_agent
