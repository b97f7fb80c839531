// In-process connections: the same byte stream as a socket, without the socket.
//
// A connection is two pipes. Each pipe is a bounded buffer that its writer fills and its reader takes whole,
// so a batch of frames costs one lock. Wake-ups are edge-triggered callbacks: the reader is told when an
// empty pipe got bytes, the writer when a pipe that refused bytes has room again, either when the other side
// closes.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <utility>

#include "busrt/base/byte_buffer.hpp"
#include "busrt/error.hpp"
#include "busrt/limits.hpp"
#include "transport/memory_meter.hpp"

namespace busrt::transport {

/// One direction. Thread-safe. Callbacks run on the thread of the call that caused them, with no lock held,
/// and may come late: treat them as hints to look again. Set them before the pipe is shared, or through
/// on_*().
class InprocPipe {
 public:
  /// With a meter, what the pipe holds is charged there, and it keeps no memory while it is empty.
  explicit InprocPipe(std::size_t capacity = limits::inproc_buffer_bytes,
                      std::shared_ptr<MemoryMeter> meter = {})
      : capacity_(capacity), meter_(std::move(meter)) {}
  ~InprocPipe();
  InprocPipe(const InprocPipe&) = delete;
  InprocPipe& operator=(const InprocPipe&) = delete;

  /// Appends as many bytes as fit. Returns how many; fewer than offered means that the writer's callback will
  /// come. After close() by either side: 0, and closed() is true.
  std::size_t write(std::span<const std::byte> bytes);
  /// Swaps what is there with `empty` (which must be empty; its memory is reused). False when nothing was
  /// there.
  bool take(base::ByteBuffer& empty);
  /// Copies up to `room.size()` bytes out. Returns how many.
  std::size_t read(std::span<std::byte> room);
  void close();
  [[nodiscard]] bool closed() const;

  void on_readable(std::function<void()> callback);
  void on_writable(std::function<void()> callback);

 private:
  void wake_writer_if_waiting(std::unique_lock<std::mutex>& lock);
  /// Brings the meter up to the buffer's memory.
  void settle();

  const std::size_t capacity_;
  const std::shared_ptr<MemoryMeter> meter_;
  mutable std::mutex mutex_;
  base::ByteBuffer bytes_;
  std::size_t charged_ = 0;
  bool closed_ = false;
  bool writer_waits_ = false;
  std::shared_ptr<const std::function<void()>> readable_;
  std::shared_ptr<const std::function<void()>> writable_;
};

/// Both directions of one connection.
struct InprocConnection {
  InprocConnection() = default;
  /// For a peer elsewhere: bytes in flight in each direction, and where they are charged.
  InprocConnection(std::size_t capacity, const std::shared_ptr<MemoryMeter>& meter)
      : to_broker(capacity, meter), to_client(capacity, meter) {}

  InprocPipe to_broker;
  InprocPipe to_client;
  std::atomic<bool> aborted{false};  ///< by the broker: what is left in the pipes is for nobody
};

/// Implemented by the broker.
class InprocConnector {
 public:
  virtual ~InprocConnector() = default;
  /// A new connection, already being served: the broker's greeting is on its way. errc::closed after
  /// shutdown.
  [[nodiscard]] virtual Result<std::shared_ptr<InprocConnection>> connect() = 0;
};

}  // namespace busrt::transport
