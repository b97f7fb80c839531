// One end of a named pipe, for one thread, with limits on every wait.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "transport/windows/win32.hpp"

namespace busrt_testing {

/// Failures throw std::runtime_error.
class PipeEnd {
 public:
  /// Takes a connected pipe that was opened for overlapped operations.
  explicit PipeEnd(busrt::transport::Handle pipe);
  ~PipeEnd();
  PipeEnd(const PipeEnd&) = delete;
  PipeEnd& operator=(const PipeEnd&) = delete;

  void write(std::span<const std::byte> bytes);
  /// As many bytes as the pipe takes at once.
  [[nodiscard]] std::size_t write_some(std::span<const std::byte> bytes);
  /// True when bytes (or the end) can be read now or within `limit`.
  [[nodiscard]] bool readable(std::chrono::milliseconds limit);
  /// 0 at the end of the stream, nothing when nothing came within `limit`.
  [[nodiscard]] std::optional<std::size_t> read(std::span<std::byte> room, std::chrono::milliseconds limit);

 private:
  void cancel(OVERLAPPED& operation);

  busrt::transport::Handle pipe_;
  busrt::transport::Handle read_event_;
  busrt::transport::Handle write_event_;
  OVERLAPPED reading_{};
  bool under_way_ = false;  // a read, which may outlast the call that began it
  std::vector<std::byte> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool ended_ = false;
};

/// The name of the pipe that an ipc address names.
[[nodiscard]] std::wstring pipe_name(const std::string& address);

}  // namespace busrt_testing
