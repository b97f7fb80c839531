// Where connections come in, whatever they are made of.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/log.hpp"
#include "transport/event_loop.hpp"
#include "transport/stream.hpp"

namespace busrt::transport {

/// Set up on any thread before the loop runs it, then used on the loop's thread.
class Listener {
 public:
  using Accept = std::function<void(std::unique_ptr<Stream>)>;

  virtual ~Listener() = default;
  /// `accept` is called for each connection, on the loop's thread or on the listener's own.
  [[nodiscard]] virtual Result<> open(EventLoop& loop, Accept accept, base::LogSink log) = 0;
  /// Accepting pauses when the system has no room for another connection; the owner calls this from its tick
  /// to try again.
  virtual void retry() = 0;
  /// `accept` is not called any more once this has returned.
  virtual void close() = 0;
  /// Of one that was made of somebody's descriptor and could not be opened: forgets it without closing it.
  virtual void let_go() {}
};

/// What ipc:// addresses name on this system, for its owner alone: a socket file on Linux, a named pipe on
/// Windows. `target` is Address::target. A socket in `runtime_directory` is bound only if no other user can
/// change what is there. errc::busy when another process answers there, errc::access for a runtime directory
/// that is not ours; other failures name the target and the system's reason.
[[nodiscard]] Result<std::unique_ptr<Listener>> bind_ipc(const std::string& target,
                                                         const std::filesystem::path& runtime_directory);

}  // namespace busrt::transport
