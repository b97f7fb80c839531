// Going to the background: the command that started the server ends only when the server listens or has
// failed.
#pragma once

#include "busrt/base/result.hpp"

namespace busrtd {

/// Splits the process in two; call before any thread exists. The calling process waits for the background one
/// and exits with its verdict, so that a script which starts `busrtd -D` may connect as soon as the command
/// returns.
class Daemon {
 public:
  Daemon() = default;
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// Returns in the background process alone, in a session of its own, still attached to the terminal's
  /// streams so that a failing start can say why.
  [[nodiscard]] busrt::base::Result<> detach();

  /// The start has succeeded: lets the waiting process exit with 0 and leaves the terminal. No effect in the
  /// foreground.
  [[nodiscard]] busrt::base::Result<> ready();

 private:
  int report_ = -1;  ///< the pipe's writing end; closing it unwritten means failure
};

}  // namespace busrtd
