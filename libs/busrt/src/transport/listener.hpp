// Where connections come in, whatever they are made of.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "transport/event_loop.hpp"
#include "transport/stream.hpp"

namespace busrt::transport {

/// Set up on any thread before the loop runs it, then used on the loop's thread.
class Listener {
 public:
  using Accept = std::function<void(std::unique_ptr<Stream>)>;
  /// Takes the reason of a pause.
  using Paused = std::function<void(std::string_view why)>;

  virtual ~Listener() = default;
  /// Calls `accept` for each connection and `paused` for each pause, on the loop's thread or on the
  /// listener's own. Accepting pauses when the system has no descriptor or no memory for another connection.
  [[nodiscard]] virtual Result<> open(EventLoop& loop, Accept accept, Paused paused) = 0;
  /// Ends a pause. The owner calls this from its tick.
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
