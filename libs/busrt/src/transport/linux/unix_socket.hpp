// Unix sockets: the listener with its file, and accepted streams.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "transport/listener.hpp"

namespace busrt::transport {

/// Takes ownership of a connected, non-blocking stream socket.
[[nodiscard]] std::unique_ptr<Stream> make_socket_stream(int descriptor, Peer peer);

/// A bound socket file, mode 0600, in a directory that is made 0700 where it does not exist. Removes the file
/// at its end.
class UnixListener final : public Listener, private Watcher {
 public:
  /// errc::busy when somebody answers on the path; other failures name the path and the system's reason.
  [[nodiscard]] static Result<std::unique_ptr<UnixListener>> bind(const std::filesystem::path& path);
  ~UnixListener() override;

  [[nodiscard]] Result<> open(EventLoop& loop, Accept accept, base::LogSink log) override;
  void retry() override;
  void close() override;

 private:
  UnixListener(int descriptor, std::filesystem::path path)
      : descriptor_(descriptor), path_(std::move(path)) {}

  void on_ready(bool readable, bool writable, bool hung_up) override;

  int descriptor_;
  std::filesystem::path path_;
  std::uint64_t inode_ = 0;  // so that only our own file is removed
  EventLoop* loop_ = nullptr;
  Accept accept_;
  base::LogSink log_;
  bool paused_ = false;
};

}  // namespace busrt::transport
