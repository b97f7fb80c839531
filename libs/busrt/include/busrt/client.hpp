// The asynchronous client: it sends operations to a broker and receives frames from it.
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
// The model. One client uses one connection after another. An operation with ack enters the window and stays
// there until the broker acknowledges it. If the connection is lost, the client connects again, restores its
// subscriptions and exclusions, and sends the unacknowledged frames again in order. So QoS processed is
// delivered at least once. Each operation has a deadline and ends with exactly one result.
//
// Every queue is bounded. If the outgoing buffer or the window is full, an operation waits or completes with
// would_block (WhenFull). If the queue of received frames is full, the client stops reading its connection.
// The broker's queue for this client then fills, and the broker blocks the publishers.
//
// Every operation takes any Asio completion token; the default is use_awaitable. It completes with one
// busrt::Result, so an expected failure is a value and not an exception.
//
// With g++ 12, do not write co_await in an expression that makes a ClientConfig in braces. That compiler
// moves such a temporary byte by byte and destroys it twice (fixed in g++ 13).
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

/// Settings of a client. They are fixed for its life.
struct ClientConfig {
  std::string name{};        ///< at most limits::max_name_bytes; `primary%%suffix` for a secondary client
  std::string address{};     ///< the broker's address (address.hpp); ignored if `endpoint` is set
  LocalEndpoint endpoint{};  ///< an embedded broker of this process
  /// Time for connecting, and for each step of the handshake. If nothing comes from the broker for this long,
  /// the client asks it for an answer. If nothing comes for twice this time, the connection counts as lost.
  std::chrono::milliseconds timeout = limits::timeout;
  std::size_t queue_frames = limits::client_queue_frames;      ///< bound of the queue of received frames
  std::size_t queue_bytes = limits::client_queue_bytes;        ///< bound of the same queue in bytes
  std::size_t outgoing_bytes = limits::client_outgoing_bytes;  ///< size in bytes of the outgoing buffer
  /// Largest body of a request in bytes. The client refuses a larger one with errc::too_large and sends
  /// nothing. The broker has a limit of its own (BrokerConfig::max_body_bytes). If a frame exceeds that, the
  /// broker closes the connection.
  std::uint32_t max_body_bytes = limits::max_body_bytes;
  /// Largest body of a received frame in bytes, by the size of the request that its sender made. The sender's
  /// name, which the broker adds, does not count. The client allocates memory for a frame only as its bytes
  /// arrive. The default admits every frame that a broker of this library can deliver. The client skips a
  /// larger frame, counts it as ClientLoss::oversized and keeps the connection.
  std::uint32_t max_received_body_bytes = limits::most_body_bytes;
  /// Bound of the window: unacknowledged operations.
  std::size_t window_frames = limits::client_window_frames;
  /// Bound of the window in bytes. A larger frame is sent when the window is empty.
  std::size_t window_bytes = limits::client_window_bytes;
  /// Default time for an operation, with reconnect enabled or not. The client adds limits::receive_time() of
  /// the frame, so that large frames have more time.
  std::chrono::milliseconds delivery_timeout = limits::delivery_timeout;
  ReconnectPolicy reconnect{};  ///< what the client does after a lost connection
  /// Sink for log lines. Thread safety: threads of the client's executor call it, so it must not block. The
  /// client limits lines that a peer can cause, for each cause, and counts the lines that it leaves out.
  base::LogSink log{};
  /// Certificates of tcp:// and wss:// connections. For tcp:// the client must have a certificate whose name
  /// is the client's primary name. For wss:// a certificate is optional. Without an authority, the client
  /// trusts the authorities of the system.
  TlsFiles tls{};
  /// The name that the broker's certificate must have. Default: the host of the address.
  std::optional<std::string> server_name{};
  std::optional<std::string> token{};  ///< bearer token for ws:// and wss://
  /// Directory of the sockets of bare ipc://NAME addresses; if empty, the client refuses such addresses. See
  /// runtime_directory() in address.hpp. The client connects there only if no other user can change the
  /// directory's contents. Otherwise connect() fails with errc::access and names the directory, its owner and
  /// its mode.
  std::filesystem::path runtime_directory{};
};

/// Checks the security options of `config` against its address.
///
/// Returns the first option that is empty or has no effect; nothing if all options are in order.
/// Client::connect() refuses such a configuration with errc::bad_address.
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

/// A client of a broker. It uses one connection after another.
///
/// Thread safety: operations may start on any thread. Completion handlers run on their associated executor,
/// by default the client's. Frames that one thread sends arrive in the order of its calls.
///
/// **Delivery.** QoS processed is delivered at least once: the client keeps each frame until the broker
/// acknowledges it. If the connection is lost, the client connects again (ReconnectPolicy). It restores
/// subscriptions and exclusions, then sends the unacknowledged frames again in order. If an ack was lost with
/// the connection, its frame arrives twice; ClientStats::resent is an upper bound for such duplicates. Apart
/// from these repetitions, the order is kept.
///
/// If an operation with ack begins while there is no connection, it waits for one. An operation without ack
/// fails with errc::not_connected. A subscriber without connection does not receive what is published in that
/// time.
///
/// If two connections end while the same frame is unacknowledged, the client sends this frame alone on the
/// third. If that connection ends too, the operation fails with errc::io (ClientLoss::cut_alone), and the
/// frames behind it are sent. The reason: a broker closes the connection when a frame is invalid or exceeds
/// its limit.
///
/// **Deadlines.** Every operation ends by its deadline (SendOptions::timeout). errc::not_sent means that the
/// frame certainly was not delivered. After errc::timeout, io and closed the outcome is unknown; see
/// may_have_been_delivered(). If the broker refuses a frame that was sent again, the operation ends with io,
/// because the first copy may have arrived.
///
/// **Back-pressure.** Outgoing: an operation waits while the outgoing buffer has no room. An operation with
/// ack also waits while the window has no room. With WhenFull::refuse, and in try_send(), it completes with
/// would_block instead. Incoming: if the queue of received frames is full, the client stops reading its
/// connection until the application takes frames. The client drops nothing then. Acks and RPC replies behind
/// those frames wait as well.
///
/// **End of the connection.** If ReconnectPolicy::enabled is false, or the client gives up, every pending
/// operation completes with errc::io. receive() first returns the frames that were received before, then
/// errc::io. connect() may be called again.
class Client {
 public:
  using executor_type = boost::asio::any_io_executor;  ///< the executor type, as Asio expects it

  /// Makes a client that runs on `executor`. connect() connects it.
  Client(executor_type executor, ClientConfig config);
  /// Closes the connection. Pending operations complete with errc::closed.
  ~Client();
  Client(Client&&) noexcept;             ///< leaves the other object empty
  Client& operator=(Client&&) noexcept;  ///< leaves the other object empty

  [[nodiscard]] executor_type get_executor() const;  ///< returns the client's executor
  [[nodiscard]] const std::string& name() const;     ///< returns ClientConfig::name
  [[nodiscard]] bool connected() const;     ///< returns true if the client is registered with a broker now
  [[nodiscard]] ClientStats stats() const;  ///< returns a snapshot of the client's counters
  [[nodiscard]] ConnectionStatus status() const;  ///< returns the state, and how the last connection ended
  /// Sets a handler that the client calls for every change of its status. The calls run on the client's
  /// executor, in order, one at a time. If the handler is too slow, the client drops the oldest changes;
  /// ConnectionStatus::version shows the hole. Set the handler before connect(). The client's own destruction
  /// is not reported. A call that runs on another thread at that moment may outlast the client.
  void on_state(std::function<void(const ConnectionStatus&)> handler);
  /// Waits for a status whose version differs from `seen`, and returns it. It completes at once if the status
  /// has changed already. `co_await client.wait_state_change(client.status().version)` waits for the next
  /// change. Errors: errc::closed if no change can follow. Cancellable.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto wait_state_change(std::uint64_t seen, Token&& token = {}) {
    return detail::initiate<Result<ConnectionStatus>>(
        core_, token, [seen](auto& core, auto done) { start_wait_state(core, seen, std::move(done)); });
  }

  /// Connects and registers the name. ReconnectPolicy::first_connect limits how long it tries.
  ///
  /// Errors: bad_address; io; timeout; busy (the name is in use); access (access rules, a wrong token, or a
  /// certificate for another name); not_registered (a secondary without its primary); data (an invalid name);
  /// not_supported (the peer is no BUS/RT broker); certificate_* and tls; closed (disconnect() or the
  /// destructor ended the attempt); other (the client is connected or connecting already).
  template <class Token = boost::asio::use_awaitable_t<>>
  auto connect(Token&& token = {}) {
    return detail::initiate<Result<>>(core_, token,
                                      [](auto& core, auto done) { start_connect(core, std::move(done)); });
  }

  /// Drains and closes. The client takes no new operations and waits until the accepted ones are written and
  /// acknowledged, over a new connection if necessary. It waits for at most `drain`.
  ///
  /// Success means that the broker has handled every frame, also those without ack: the client sends one more
  /// acknowledged operation behind them. Errors: errc::timeout, or the error of the connection; the message
  /// says how much was left. Each pending operation also completes with its own error.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto disconnect(std::chrono::milliseconds drain = limits::drain_timeout, Token&& token = {}) {
    return detail::initiate<Result<>>(
        core_, token, [drain](auto& core, auto done) { start_disconnect(core, drain, std::move(done)); });
  }

  /// Publishes to a topic. With QoS processed (the default) it completes when the broker has queued the frame
  /// for every receiver. Without ack it completes when the frame is in the outgoing buffer. The payload is
  /// copied before the call returns. One deadline covers the wait for room, for a connection and for the ack.
  ///
  /// Errors: too_large, data (topic or payload is not valid); access; not_connected, would_block, not_sent,
  /// timeout, io, closed.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto publish(std::string_view topic, std::span<const std::byte> payload, const SendOptions& options = {},
               Token&& token = {}) {
    return operate(Op::publish, options, topic, {}, payload, std::forward<Token>(token));
  }
  /// Publishes to those subscribers whose primary name is `receiver`. Errors: as publish().
  template <class Token = boost::asio::use_awaitable_t<>>
  auto publish_for(std::string_view topic, std::string_view receiver, std::span<const std::byte> payload,
                   const SendOptions& options = {}, Token&& token = {}) {
    return operate(Op::publish_for, options, topic, receiver, payload, std::forward<Token>(token));
  }
  /// Sends to one client by its name. Errors: as publish(); also not_registered (there is no such client) and
  /// not_delivered (its queue did not take the frame).
  template <class Token = boost::asio::use_awaitable_t<>>
  auto send(std::string_view target, std::span<const std::byte> payload, const SendOptions& options = {},
            Token&& token = {}) {
    return operate(Op::message, options, target, {}, payload, std::forward<Token>(token));
  }
  /// Sends to every client whose name matches a mask. In a mask `.` separates segments, `?` matches one
  /// segment, and `*` matches the rest. Errors: as publish().
  template <class Token = boost::asio::use_awaitable_t<>>
  auto broadcast(std::string_view mask, std::span<const std::byte> payload, const SendOptions& options = {},
                 Token&& token = {}) {
    return operate(Op::broadcast, options, mask, {}, payload, std::forward<Token>(token));
  }

  /// Subscribes to topic patterns, any number in one frame. The client restores them after a reconnect.
  ///
  /// Errors: as publish(); access if the broker denied any pattern (it keeps the others); busy if a limit of
  /// patterns is reached.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto subscribe(const Patterns& patterns, Token&& token = {}) {
    return operate_topics(Op::subscribe, patterns, std::forward<Token>(token));
  }
  /// Removes subscriptions. A pattern without a subscription changes nothing. Errors: as publish().
  template <class Token = boost::asio::use_awaitable_t<>>
  auto unsubscribe(const Patterns& patterns, Token&& token = {}) {
    return operate_topics(Op::unsubscribe, patterns, std::forward<Token>(token));
  }
  /// Adds exclusions: the client no longer receives publications on these topics. Exclusions win over
  /// subscriptions. Errors: as subscribe().
  template <class Token = boost::asio::use_awaitable_t<>>
  auto exclude(const Patterns& patterns, Token&& token = {}) {
    return operate_topics(Op::exclude, patterns, std::forward<Token>(token));
  }
  /// Removes exclusions. Errors: as publish().
  template <class Token = boost::asio::use_awaitable_t<>>
  auto unexclude(const Patterns& patterns, Token&& token = {}) {
    return operate_topics(Op::unexclude, patterns, std::forward<Token>(token));
  }

  /// Waits for the next received frame and returns it. Only one receive may be pending: a second one fails
  /// with errc::busy. Do not use it on a client that belongs to an RpcClient.
  ///
  /// Errors: busy; io or the connection's error after the last connection ended; not_connected before the
  /// first one; closed.
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
  /// Waits for at least one frame and returns all that are queued. It suits readers for which one completion
  /// per frame costs too much. Errors: as receive().
  template <class Token = boost::asio::use_awaitable_t<>>
  auto receive_some(Token&& token = {}) {
    return detail::initiate<Result<std::vector<Frame>>>(
        core_, token, [](auto& core, auto done) { start_receive_some(core, std::move(done)); });
  }

  /// Queues one frame without waiting. `op` is publish, message or broadcast; `qos` is no or realtime. It is
  /// the fastest way to send: frames queued in one turn of the event loop leave in one write.
  ///
  /// Errors: errc::would_block if the buffer has no room; nothing was taken then. errc::not_supported for
  /// another `op` or a QoS with ack. errc::not_connected, closed, too_large, data.
  [[nodiscard]] Result<> try_send(Op op, std::string_view target, std::span<const std::byte> payload,
                                  QoS qos = QoS::no);
  /// Waits until the outgoing buffer is at most half full and no operation waits for it. Use it after
  /// would_block from try_send(). Errors: not_connected, io, closed; timeout after
  /// ClientConfig::delivery_timeout.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto wait_writable(Token&& token = {}) {
    return detail::initiate<Result<>>(
        core_, token, [](auto& core, auto done) { start_wait_writable(core, std::move(done)); });
  }

  /// Waits until the window is at most half full and no operation waits for it. Use it after would_block from
  /// an operation with ack and WhenFull::refuse. Errors: as wait_writable(). A lost connection is not an
  /// error while the client reconnects.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto wait_credit(Token&& token = {}) {
    return detail::initiate<Result<>>(
        core_, token, [](auto& core, auto done) { start_wait_credit(core, std::move(done)); });
  }

  /// For the library's own layers only.
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
  /// Takes a queued frame without a trip through the executor. Returns false if the queue is empty.
  static bool take_frame(const Core& core, Frame& out);
  /// Starts an operation. `frame` is the encoded request with op id zero: the core assigns the ids in the
  /// order in which operations start.
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
