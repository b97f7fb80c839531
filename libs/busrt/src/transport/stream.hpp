// A byte stream as the broker sees it: non-blocking, told of readiness, the same for sockets and in-process
// pipes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "transport/event_loop.hpp"
#include "transport/io_result.hpp"

struct stack_st_X509;

namespace busrt::transport {

enum class StreamKind : std::uint8_t { internal, local_ipc, tcp, websocket };

/// A certificate that a TLS handshake has verified.
struct PeerCertificate {
  std::string name;                            ///< the one that it stands for; empty where it has none
  std::shared_ptr<const stack_st_X509> chain;  ///< from it to the authority
};

/// What the transport knows of the other side.
struct Peer {
  StreamKind kind = StreamKind::internal;
  std::optional<std::string>
      source;  ///< the peer's address (IP:PORT, [IPv6]:PORT), where the transport has one
  std::optional<std::string> port;  ///< where it came in: the listener's path or HOST:PORT
  std::optional<int> pid;           ///< the kernel's word (SO_PEERCRED), local peers only
  std::optional<unsigned> uid;
  std::optional<unsigned> gid;
  /// A stream of the broker's own (a fifo): it sends under this name without a handshake, gets nothing, and
  /// may be silent for ever.
  std::optional<std::string> speaks_as;
  std::optional<PeerCertificate> certificate;  ///< of a client over mutual TLS
};

/// A run of bytes of a gather write.
using Part = std::span<const std::byte>;

/// Told on the loop's thread. After close() nothing more comes.
class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  virtual void on_readable() = 0;
  virtual void on_writable() = 0;
  /// The peer is gone while nobody wanted to read; reported once.
  virtual void on_hang_up() = 0;
};

/// Belongs to one loop and is used on its thread alone.
class Stream {
 public:
  /// Parts of one gather write: with chunks of 64 KiB they are 4 MiB, more than any connection takes at once.
  static constexpr std::size_t max_parts = 64;

  virtual ~Stream() = default;

  /// Attaches to the loop and begins to report readiness. Called once.
  [[nodiscard]] virtual Result<> open(EventLoop& loop, StreamHandler& handler) = 0;
  /// `closed` when the peer has finished sending.
  [[nodiscard]] virtual IoResult read(std::span<std::byte> room) = 0;
  /// Gathers at most `max_parts`; may take fewer bytes than offered.
  [[nodiscard]] virtual IoResult write(std::span<const Part> parts) = 0;
  /// What to report from now on. Readability is level-triggered: it is reported as long as it lasts.
  virtual void want(Interest interest) = 0;
  virtual void close() = 0;
  /// Ends a pause of a stream for which the system had no room. The owner calls this from its tick.
  virtual void retry() {}
  /// Closes a peer that takes nothing: what the transport itself still holds for it is not waited for.
  virtual void abort() { close(); }
  [[nodiscard]] virtual const Peer& peer() const noexcept = 0;
  /// Why the stream failed, where a number would not say it; valid until the stream goes. Empty otherwise.
  [[nodiscard]] virtual std::string_view failure() const noexcept { return {}; }
};

}  // namespace busrt::transport
