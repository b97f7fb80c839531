// A name server that takes questions and never answers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "busrt/error.hpp"

namespace busrt_testing {

/// Moves the calling thread into a mount namespace of its own, where /etc/resolv.conf names this server alone
/// and lets it be silent for minutes. Threads and processes that the caller starts from then on see the same.
/// Their own files are back, and the server ends, with the object. Takes root.
class SilentNameServer {
 public:
  /// Errors: the system's, of the step that it refuses.
  [[nodiscard]] static busrt::Result<std::unique_ptr<SilentNameServer>> start();
  ~SilentNameServer();
  SilentNameServer(const SilentNameServer&) = delete;
  SilentNameServer& operator=(const SilentNameServer&) = delete;

  /// Waits for the next question, at most half a minute.
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
