// The asynchronous client.
//
//   asio::awaitable<void> run() {
//     const auto executor = co_await asio::this_coro::executor;
//     busrt::Client client(executor, {.name = "app", .address = "/run/app/bus.sock"});
//     if (auto up = co_await client.connect(); !up) co_return;
//
//     co_await client.subscribe({"news/#"});
//     co_await client.publish("news/today", busrt::as_bytes("hello"));
//
//     while (auto frame = co_await client.receive()) std::cout << frame->text();
//   }
//
// Every operation takes any Asio completion token (default: use_awaitable) and completes with one
// busrt::Result, so an expected failure is a value and never an exception.
//
// With g++ 12, keep co_await out of an expression that makes a ClientConfig in braces, as above: that
// compiler moves such a temporary byte by byte and destroys it twice (fixed in g++ 13).
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "busrt/base/byte_buffer.hpp"
#include "busrt/base/log.hpp"
#include "busrt/client_status.hpp"
#include "busrt/delivery.hpp"
#include "busrt/detail/completion.hpp"
#include "busrt/error.hpp"
#include "busrt/export.hpp"
#include "busrt/frame.hpp"
#include "busrt/limits.hpp"
#include "busrt/local_endpoint.hpp"
#include "busrt/patterns.hpp"
#include "busrt/protocol.hpp"
#include "busrt/security_options.hpp"
#include "busrt/tls.hpp"

BUSRT_API_BEGIN
namespace busrt {

/// Settings of a client. They hold for its life.
struct ClientConfig {
  std::string name{};        ///< at most limits::max_name_bytes; `primary%%suffix` for a secondary client
  std::string address{};     ///< see address.hpp; ignored when `endpoint` is set
  LocalEndpoint endpoint{};  ///< an embedded broker of this process
  /// Connecting, and each handshake step. A broker that is silent for twice as long, also when asked, is
  /// given up.
  std::chrono::milliseconds timeout = limits::timeout;
  std::size_t queue_frames = limits::client_queue_frames;  ///< received frames that wait for the application
  std::size_t queue_bytes = limits::client_queue_bytes;    ///< the same in bytes
  std::size_t outgoing_bytes = limits::client_outgoing_bytes;  ///< bytes that wait for the connection
  /// Largest body of a request; a larger one fails with errc::too_large before anything is sent. A broker
  /// ends the connection of a client that passes its own limit.
  std::uint32_t max_body_bytes = limits::max_body_bytes;
  /// Largest frame that is taken, by the limit of its sender: its name comes on top. Memory for one is taken
  /// as its bytes arrive. The default covers every limit that a broker of this library may have. A larger
  /// frame is passed over and counted as ClientLoss::oversized; the connection goes on.
  std::uint32_t max_received_body_bytes = limits::most_body_bytes;
  std::size_t window_frames = limits::client_window_frames;  ///< unconfirmed operations
  std::size_t window_bytes = limits::client_window_bytes;    ///< and their bytes; a larger frame goes alone
  /// Default deadline of an operation with ack, with reconnecting and without. It is for small frames:
  /// limits::receive_time() of the frame is added.
  std::chrono::milliseconds delivery_timeout = limits::delivery_timeout;
  ReconnectPolicy reconnect{};  ///< what follows a lost connection
  /// Called from threads of the client's executor: it must not block. Lines that peers can cause are limited
  /// by cause, and those left out are counted.
  base::LogSink log{};
  /// tcp:// shows the certificate, whose name has to be this client's primary name; wss:// where it is given.
  /// Without an authority those of the system are trusted.
  TlsFiles tls{};
  /// What the broker's certificate is for, if not the host of the address.
  std::optional<std::string> server_name{};
  std::optional<std::string> token{};  ///< bearer token for ws:// and wss://
  /// Where a bare ipc://NAME lies; empty: such addresses are refused (see runtime_directory() in
  /// address.hpp). The client connects there only if no other user can change what is in it: else
  /// errc::access, with a sentence that names the directory, its owner and its mode.
  std::filesystem::path runtime_directory{};
};

/// The first security option of `config` that is empty, or has no effect with its address. Client::connect()
/// refuses such a configuration with errc::bad_address.
[[nodiscard]] std::optional<SecurityMisuse> find_security_misuse(const ClientConfig& config);

namespace detail {
class ClientCore;
[[nodiscard]] boost::asio::any_io_executor executor_of(const ClientCore& core) noexcept;

template <class Token>
struct AwaitableExecutor {
  static constexpr bool is_use_awaitable = false;
};
template <class Executor>
struct AwaitableExecutor<boost::asio::use_awaitable_t<Executor>> {
  static constexpr bool is_use_awaitable = true;
  using type = Executor;
};
}  // namespace detail

/// A client of a broker, over one connection after another. Thread-safe: operations may start on any thread;
/// handlers run on their associated executor, by default the client's. Frames sent from one thread arrive in
/// the order of the calls.
///
/// Delivery. QoS processed is at least once: the client keeps each frame until the broker has acknowledged
/// it. When the connection is lost it connects again (ReconnectPolicy), restores subscriptions and
/// exclusions, and sends what is not acknowledged again, in order. A frame whose ack was lost with the
/// connection then arrives twice (ClientStats::resent bounds how many); nothing arrives out of order but for
/// such a repetition. Operations with ack that begin while there is no connection wait for it; those without
/// ack are refused with errc::not_connected. What others publish while a subscriber has no connection does
/// not reach it.
///
/// A frame on which two connections ended is sent alone on the third; if that ends as well, the operation
/// fails with errc::io (ClientLoss::cut_alone), and the frames behind it go on. A broker ends the connection
/// for a frame that it does not take, such as one over its own limit.
///
/// Every operation has a deadline (SendOptions::timeout) and ends by it. errc::not_sent: certainly not
/// delivered. errc::timeout, io, closed: unknown; see may_have_been_delivered(). A frame that was sent again
/// and refused then ends with io, because the first may have arrived.
///
/// Back-pressure. Outgoing: an operation waits for which the outgoing buffer has no room, or, with ack, the
/// window of unconfirmed frames (with WhenFull::refuse, as in try_send, it completes with would_block).
/// Incoming: when the event queue is full the client stops reading its connection until the application takes
/// frames, so nothing is dropped on this side; acks and RPC replies behind it wait as well.
///
/// With ReconnectPolicy::enabled false, or when the client gives up, the end of the connection completes
/// every pending operation with errc::io; frames already received can still be taken, then receive() gives
/// errc::io. connect() may be called again.
class Client {
 public:
  using executor_type = boost::asio::any_io_executor;  ///< for Asio

  /// A client that runs on `executor`. connect() connects it.
  Client(executor_type executor, ClientConfig config);
  /// Closes the connection; pending operations complete with errc::closed.
  ~Client();
  Client(Client&&) noexcept;             ///< leaves the other without a client
  Client& operator=(Client&&) noexcept;  ///< the same

  [[nodiscard]] executor_type get_executor() const;  ///< the one that it was made with
  [[nodiscard]] const std::string& name() const;     ///< ClientConfig::name
  [[nodiscard]] bool connected() const;              ///< registered with a broker now
  [[nodiscard]] ClientStats stats() const;           ///< the numbers since it was made
  [[nodiscard]] ConnectionStatus status() const;     ///< the state, and how the last connection ended
  /// Calls `handler` on the client's executor for every change of status, in order, one call at a time; a
  /// handler that is far behind misses the oldest (`version` tells). Set it before connect(). Not called for
  /// the client's own destruction; a call under way on another thread may outlast it.
  void on_state(std::function<void(const ConnectionStatus&)> handler);
  /// Completes with the present status as soon as its version is not `seen`, that of a status which the
  /// caller knows: co_await client.wait_state_change(client.status().version) waits for the next change.
  /// errc::closed when there can be none. Cancellable.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto wait_state_change(std::uint64_t seen, Token&& token = {}) {
    return detail::initiate<Result<ConnectionStatus>>(
        core_, token, [seen](auto& core, auto done) { start_wait_state(core, seen, std::move(done)); });
  }

  /// Connects and registers the name; ReconnectPolicy::first_connect says for how long it tries. Errors:
  /// bad_address, io, timeout, busy (name taken), access (also a wrong token, or a certificate for another
  /// client), not_registered (a secondary without its primary), data (bad name), not_supported (the peer is
  /// no BUS/RT broker), certificate_* and tls.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto connect(Token&& token = {}) {
    return detail::initiate<Result<>>(core_, token,
                                      [](auto& core, auto done) { start_connect(core, std::move(done)); });
  }

  /// Takes no more operations, waits until those accepted are written and acknowledged (if need be over a new
  /// connection), at most for `drain`, and closes. Success means that the broker has handled every frame,
  /// also those without ack: a last operation, which changes nothing, is acknowledged behind them.
  /// errc::timeout or the connection's error says what was left; each operation is told as well.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto disconnect(std::chrono::milliseconds drain = limits::drain_timeout, Token&& token = {}) {
    return detail::initiate<Result<>>(
        core_, token, [drain](auto& core, auto done) { start_disconnect(core, drain, std::move(done)); });
  }

  /// Publishes to a topic. With QoS processed (the default) completes when the broker has queued the frame
  /// for every receiver; without ack, when the frame is in the outgoing buffer. The payload is copied before
  /// the call returns. One deadline covers waiting for room, for a connection, and for the acknowledgement.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto publish(std::string_view topic, std::span<const std::byte> payload, const SendOptions& options = {},
               Token&& token = {}) {
    return operate(Op::publish, options, topic, {}, payload, std::forward<Token>(token));
  }
  /// As publish, delivered only to subscribers whose primary name is `receiver`.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto publish_for(std::string_view topic, std::string_view receiver, std::span<const std::byte> payload,
                   const SendOptions& options = {}, Token&& token = {}) {
    return operate(Op::publish_for, options, topic, receiver, payload, std::forward<Token>(token));
  }
  /// Sends to one client by name. Errors besides the connection's: not_registered, not_delivered, access.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto send(std::string_view target, std::span<const std::byte> payload, const SendOptions& options = {},
            Token&& token = {}) {
    return operate(Op::message, options, target, {}, payload, std::forward<Token>(token));
  }
  /// Sends to every client whose name matches a mask (`.` separates, `?` is one segment, `*` the rest).
  template <class Token = boost::asio::use_awaitable_t<>>
  auto broadcast(std::string_view mask, std::span<const std::byte> payload, const SendOptions& options = {},
                 Token&& token = {}) {
    return operate(Op::broadcast, options, mask, {}, payload, std::forward<Token>(token));
  }

  /// Topic patterns, any number in one frame. errc::access when any of them was denied (the others hold).
  template <class Token = boost::asio::use_awaitable_t<>>
  auto subscribe(const Patterns& patterns, Token&& token = {}) {
    return operate_topics(Op::subscribe, patterns, std::forward<Token>(token));
  }
  /// Takes subscriptions back. Patterns that are not subscribed to change nothing.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto unsubscribe(const Patterns& patterns, Token&& token = {}) {
    return operate_topics(Op::unsubscribe, patterns, std::forward<Token>(token));
  }
  /// Excludes topics from what the subscriptions bring. Exclusions win over subscriptions.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto exclude(const Patterns& patterns, Token&& token = {}) {
    return operate_topics(Op::exclude, patterns, std::forward<Token>(token));
  }
  /// Takes exclusions back.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto unexclude(const Patterns& patterns, Token&& token = {}) {
    return operate_topics(Op::unexclude, patterns, std::forward<Token>(token));
  }

  /// The next received frame. One receive at a time. Not to be used on a client given to an RpcClient.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto receive(Token&& token = {}) {
    using Awaits = detail::AwaitableExecutor<std::decay_t<Token>>;
    if constexpr (Awaits::is_use_awaitable) {
      return await_frame<typename Awaits::type>(core_);
    } else {
      return detail::initiate<Result<Frame>>(
          core_, token, [](auto& core, auto done) { start_receive(core, std::move(done)); });
    }
  }
  /// Every frame that waits, at least one: for readers to whom a completion per frame is too much.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto receive_some(Token&& token = {}) {
    return detail::initiate<Result<std::vector<Frame>>>(
        core_, token, [](auto& core, auto done) { start_receive_some(core, std::move(done)); });
  }

  /// Queues one frame without waiting and without an ack (`qos` no or realtime), or returns would_block and
  /// takes nothing. The fastest way to send; frames queued in one turn of the event loop leave in one write.
  [[nodiscard]] Result<> try_send(Op op, std::string_view target, std::span<const std::byte> payload,
                                  QoS qos = QoS::no);
  /// Completes when the outgoing buffer is at most half full and nothing waits for it: what to await after
  /// would_block from try_send. Errors: not_connected, io, closed; timeout after `delivery_timeout`.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto wait_writable(Token&& token = {}) {
    return detail::initiate<Result<>>(
        core_, token, [](auto& core, auto done) { start_wait_writable(core, std::move(done)); });
  }

  /// Completes when the window of unconfirmed operations is at most half full and none waits: what to await
  /// after would_block from an operation with ack and WhenFull::refuse. Errors as above; a lost connection is
  /// none while the client reconnects.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto wait_credit(Token&& token = {}) {
    return detail::initiate<Result<>>(
        core_, token, [](auto& core, auto done) { start_wait_credit(core, std::move(done)); });
  }

  /// For the library's own layers.
  [[nodiscard]] const std::shared_ptr<detail::ClientCore>& core() const noexcept { return core_; }

 private:
  using Core = std::shared_ptr<detail::ClientCore>;
  static void start_connect(const Core& core, detail::Completion<Result<>> done);
  static void start_disconnect(const Core& core, std::chrono::milliseconds drain,
                               detail::Completion<Result<>> done);
  static void start_receive(const Core& core, detail::Completion<Result<Frame>> done);
  static void start_receive_some(const Core& core, detail::Completion<Result<std::vector<Frame>>> done);
  static void start_wait_writable(const Core& core, detail::Completion<Result<>> done);
  static void start_wait_credit(const Core& core, detail::Completion<Result<>> done);
  static void start_wait_state(const Core& core, std::uint64_t seen,
                               detail::Completion<Result<ConnectionStatus>> done);
  /// Takes a waiting frame without a trip through the executor. False when none waits.
  static bool take_frame(const Core& core, Frame& out);
  /// `frame` is the encoded request with an op id of zero: the core assigns ids in the order in which
  /// operations start.
  static void start_operation(const Core& core, Result<base::ByteBuffer> frame, const SendOptions& options,
                              detail::Completion<Result<>> done);
  static Result<base::ByteBuffer> encode(const Core& core, Op op, QoS qos, std::string_view target,
                                         std::string_view receiver, std::span<const std::byte> payload);
  static Result<base::ByteBuffer> encode_topics(const Core& core, Op op, const Patterns& patterns);

  template <class Executor>
  static boost::asio::awaitable<Result<Frame>, Executor> await_frame(Core core) {
    Frame frame;
    if (take_frame(core, frame)) co_return frame;
    boost::asio::use_awaitable_t<Executor> token;
    co_return co_await detail::initiate<Result<Frame>>(
        core, token, [](auto& owner, auto done) { start_receive(owner, std::move(done)); });
  }
  template <class Token>
  auto start_encoded(Result<base::ByteBuffer> frame, const SendOptions& options, Token& token) {
    return detail::initiate<Result<>>(core_, token,
                                      [encoded = std::move(frame), options](auto& core, auto done) mutable {
                                        start_operation(core, std::move(encoded), options, std::move(done));
                                      });
  }
  template <class Token>
  auto operate(Op op, const SendOptions& options, std::string_view target, std::string_view receiver,
               std::span<const std::byte> payload, Token&& token) {
    return start_encoded(encode(core_, op, options.qos, target, receiver, payload), options, token);
  }
  template <class Token>
  auto operate_topics(Op op, const Patterns& patterns, Token&& token) {
    return start_encoded(encode_topics(core_, op, patterns), SendOptions(), token);
  }

  Core core_;
};

}  // namespace busrt
BUSRT_API_END
