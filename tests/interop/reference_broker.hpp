// The real BUS/RT broker as a child process, for tests of the client library.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace interop {

/// The reference broker's program, as setup_peers.sh installs it.
[[nodiscard]] std::filesystem::path reference_broker_program();

/// Whether a missing peer is a failure rather than a reason to skip.
[[nodiscard]] bool peers_required();

/// Runs from start() to stop() or the destructor, on a socket in a directory of its own; started again, at
/// the same address.
class ReferenceBroker {
 public:
  /// Options of its command line, beside those for the socket and one worker.
  explicit ReferenceBroker(std::vector<std::string> options = {}) : options_(std::move(options)) {}
  ~ReferenceBroker();
  ReferenceBroker(const ReferenceBroker&) = delete;
  ReferenceBroker& operator=(const ReferenceBroker&) = delete;

  /// True when it accepts connections.
  [[nodiscard]] bool start();
  /// Kills it.
  void stop();
  /// Asks it to end, and waits until it has.
  void shutdown();
  [[nodiscard]] std::string address() const { return directory_ / "bus.sock"; }

 private:
  void end(int signal);

  std::vector<std::string> options_;
  std::filesystem::path directory_;
  pid_t process_ = -1;
};

}  // namespace interop
