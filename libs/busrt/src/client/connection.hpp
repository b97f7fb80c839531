// One connection of a client, from the opened stream to its end: it reads, decodes, and holds the bytes that
// are being written.
#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "busrt/base/byte_buffer.hpp"
#include "busrt/detail/completion.hpp"
#include "client/session.hpp"
#include "client/stream.hpp"
#include "wire/codec.hpp"

namespace busrt::detail {

class ClientCore;

/// Operations that the acks of one read complete, outside the core's lock.
using Acknowledged = std::vector<std::pair<Completion<Result<>>, Result<>>>;

/// The session and the batch belong to the one read that is outstanding or being handled. `writing` belongs
/// to the holder of the core's write lane. Each outstanding operation of the stream keeps the connection, and
/// with it the buffers, alive.
class Connection final : public StreamEvents, public std::enable_shared_from_this<Connection> {
 public:
  /// `max_request_body`: the largest body of a request that may be received, in bytes.
  Connection(std::shared_ptr<ClientCore> core, std::unique_ptr<Stream> stream, std::string_view name,
             std::uint32_t max_request_body)
      : core_(std::move(core)),
        stream_(std::move(stream)),
        session_(name, wire::largest_delivery_body(max_request_body)) {}

  /// Starts the next read. Thread safety: any thread, but not while a read is outstanding or being handled.
  void read() { stream_->read(session_.room(), shared_from_this()); }

  void on_read(Result<std::size_t> bytes) override;
  void on_writable() override;
  void on_flush();

  [[nodiscard]] Stream& stream() noexcept { return *stream_; }
  [[nodiscard]] base::ByteBuffer& writing() noexcept { return writing_; }
  [[nodiscard]] const base::ByteBuffer& writing() const noexcept { return writing_; }

 private:
  bool handle(std::size_t bytes);

  const std::shared_ptr<ClientCore> core_;
  const std::unique_ptr<Stream> stream_;
  Session session_;
  Batch batch_;
  Acknowledged acknowledged_;
  base::ByteBuffer answers_;
  base::ByteBuffer writing_;
  bool quiet_ = false;  // the last read brought only nops
};

}  // namespace busrt::detail
