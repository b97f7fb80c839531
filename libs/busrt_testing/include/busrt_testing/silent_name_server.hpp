// A name server that receives questions and never answers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "busrt/error.hpp"

namespace busrt_testing {

/// A silent name server. start() moves the calling thread into a mount namespace of its own. There,
/// /etc/resolv.conf names only this server and allows minutes without an answer. Threads and processes that
/// the caller starts later see the same files. The destructor restores the files and ends the server.
/// Requires root.
class SilentNameServer {
 public:
  /// Starts the server. Errors: the system's error of the step that failed.
  [[nodiscard]] static busrt::Result<std::unique_ptr<SilentNameServer>> start();
  ~SilentNameServer();
  SilentNameServer(const SilentNameServer&) = delete;
  SilentNameServer& operator=(const SilentNameServer&) = delete;

  /// Waits for the next question for at most half a minute. Returns false if none came.
  [[nodiscard]] bool asked() const;

 private:
  SilentNameServer() = default;
  [[nodiscard]] busrt::Result<> listen();
  [[nodiscard]] busrt::Result<> take_over_resolver();

  [[nodiscard]] busrt::Result<> replace(const std::string& file, const std::string& with);

  int socket_ = -1;
  std::string address_;
  std::string directory_;
  std::vector<std::string> replaced_;
};

}  // namespace busrt_testing
