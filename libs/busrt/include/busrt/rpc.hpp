// Remote procedure calls over a client: callers, and handlers that are registered by method name.
//
//   busrt::RpcClient rpc(std::move(client));
//   rpc.on("echo", [](busrt::RpcRequest request) -> asio::awaitable<busrt::RpcResult> {
//     co_return std::vector(request.payload.begin(), request.payload.end());
//   });
//
//   // CallResult<RpcReply>; a call always has a timeout.
//   auto sum = co_await rpc.call("calculator", "add", params);
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/client.hpp"
#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt {

/// Error codes of RPC: those of JSON-RPC, as BUS/RT uses them. A bus error c has the code -32000 - c.
namespace rpc_code {
inline constexpr std::int16_t not_found = -32001;         ///< the params name an object that does not exist
inline constexpr std::int16_t parse = -32700;             ///< the params are not valid MessagePack or JSON
inline constexpr std::int16_t invalid_request = -32600;   ///< the frame is not a request
inline constexpr std::int16_t method_not_found = -32601;  ///< the callee has no handler of this name
inline constexpr std::int16_t invalid_params = -32602;    ///< the handler refuses the params
inline constexpr std::int16_t internal = -32603;          ///< the handler failed
}  // namespace rpc_code

/// An RPC error: a handler returns it instead of a result, and the caller receives it.
struct RpcError {
  std::int16_t code = rpc_code::internal;  ///< one of rpc_code, or a code of the application
  std::string message;                     ///< a sentence for people, in UTF-8
};

/// The result of a handler: bytes, or an error for the caller.
using RpcResult = std::expected<std::vector<std::byte>, RpcError>;

/// Copies text into the bytes of a result.
[[nodiscard]] inline std::vector<std::byte> to_bytes(std::string_view text) {
  const auto bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

/// An incoming call. `method` and `payload` are views into `frame`.
struct RpcRequest {
  Frame frame;                         ///< owns the bytes of the two views below
  std::string_view method;             ///< the method's name as the caller wrote it
  std::span<const std::byte> payload;  ///< the params, not decoded
  bool wants_reply = true;             ///< false for call0(): the handler's result is dropped

  /// Returns the caller's full name, including a secondary's suffix.
  [[nodiscard]] std::string_view sender() const noexcept { return frame.sender(); }
};

/// An incoming notification.
struct RpcNotification {
  Frame frame;                         ///< owns the bytes of `payload`
  std::span<const std::byte> payload;  ///< the notification, not decoded
};

/// The reply of a callee.
struct RpcReply {
  Frame frame;                         ///< owns the bytes of `payload`
  std::span<const std::byte> payload;  ///< the result, not decoded
};

/// Returns the error category of errors that a callee sent. Their values are RPC codes.
[[nodiscard]] const std::error_category& rpc_category() noexcept;

/// Why a call ended without a result: a bus error on this side, or an error that the callee sent.
struct CallError {
  std::error_code code;       ///< errc::*, or rpc_category() for an error that the callee sent
  std::int16_t rpc_code = 0;  ///< the callee's code; for a bus error c, -32000 - c
  std::string message;        ///< a sentence for people
  /// False only if no handler ran: the broker refused the request, or the client never sent it. True if the
  /// callee sent an error.
  bool may_have_been_executed = true;
};
/// The end of a call: the callee's result, or why there is none.
template <class T>
using CallResult = std::expected<T, CallError>;

/// What a call does if its connection is lost before the reply.
enum class IfCut : std::uint8_t {
  fail,  ///< The call ends with errc::io. It may have been executed, and it is never executed twice.
  /// The client sends the request again over the next connection, within the call's timeout. The method may
  /// then run twice, so use this for idempotent methods only.
  repeat,
};

/// Options of a call. Most calls pass a QoS alone.
struct CallOptions {
  QoS qos = QoS::processed;    ///< QoS of the request
  IfCut if_cut = IfCut::fail;  ///< what the call does if its connection is lost
  constexpr CallOptions() = default;
  /// Converts from a QoS alone.
  constexpr CallOptions(QoS with, IfCut cut = IfCut::fail) : qos(with), if_cut(cut) {}
};

/// Counters of an RpcClient since it was made.
struct RpcStats {
  std::size_t pending = 0;         ///< calls that wait for their reply
  std::uint64_t cut = 0;           ///< calls that ended with their connection and may have been executed
  std::uint64_t repeated = 0;      ///< requests sent again because of IfCut::repeat
  std::uint64_t late_replies = 0;  ///< replies that arrived after their call had ended
  /// Replies of this side's handlers whose caller has left.
  std::uint64_t replies_caller_gone = 0;
  std::uint64_t replies_refused = 0;  ///< replies that the broker refused
  /// Replies that were not delivered before their deadline, or before the client closed or gave up. They
  /// include replies whose ack was lost with a connection.
  std::uint64_t replies_given_up = 0;
};

/// Settings of an RpcClient.
struct RpcConfig {
  /// Timeout of a call that passes none.
  std::chrono::milliseconds call_timeout = limits::timeout;
  /// Most handlers that run at once. Further requests wait, as many as the queue of received frames holds;
  /// then they stay in that queue.
  std::size_t max_running_handlers = 1024;
};

namespace detail {
class RpcCore;
[[nodiscard]] boost::asio::any_io_executor executor_of(const RpcCore& core) noexcept;
}  // namespace detail

/// An RPC client. It owns a Client, connected or not. Handlers run as coroutines on the client's executor and
/// stay registered over reconnects. Thread safety: any thread.
///
/// **Lost connections.** A call that begins while the client reconnects waits for the connection, within its
/// timeout. If the connection is lost after the request was sent, the call ends with errc::io. The error says
/// that the call may have been executed. The library executes nothing twice unless the caller allows it
/// (IfCut::repeat). The same holds for call0(). Notifications and replies are messages, and are delivered at
/// least once.
class RpcClient {
 public:
  /// Handles one method. It runs as a coroutine on the client's executor.
  using Handler = std::function<boost::asio::awaitable<RpcResult>(RpcRequest)>;
  /// Receives notifications in order, on the client's executor. It must not block.
  using NotificationHandler = std::function<void(RpcNotification)>;
  /// Receives frames that are not RPC frames, in order, on the client's executor. It must not block.
  using FrameHandler = std::function<void(Frame)>;

  /// Takes ownership of the client.
  explicit RpcClient(Client client, RpcConfig config = {});
  /// Ends pending calls with errc::closed.
  ~RpcClient();
  RpcClient(RpcClient&&) noexcept;             ///< leaves the other object empty
  RpcClient& operator=(RpcClient&&) noexcept;  ///< leaves the other object empty

  /// Registers the handler of a method. Call it before connect(). A request without a handler of its name
  /// goes to the catch-all handler. Without a catch-all, the caller gets method_not_found. If a handler
  /// throws, the caller gets the code internal without details.
  void on(std::string method, Handler handler);
  void on_any(Handler handler);  ///< registers the catch-all handler
  /// Registers the handler of notifications; a later call replaces it.
  void on_notification(NotificationHandler handler);
  /// Registers the handler of all other frames: publications, broadcasts, and messages that are not RPC
  /// frames. A later call replaces it.
  void on_frame(FrameHandler handler);

  /// Returns the client, for subscribing and sending. Do not call receive() on it.
  [[nodiscard]] Client& client() noexcept;
  /// Returns a snapshot of the counters. Thread safety: any thread.
  [[nodiscard]] RpcStats stats() const;

  /// Connects the client. Errors: as Client::connect.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto connect(Token&& token = {}) {
    return client().connect(std::forward<Token>(token));
  }

  /// Calls `method` of the client `target` and waits for the reply. A zero timeout means
  /// RpcConfig::call_timeout. Errors: CallError, with a bus error or the callee's own.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto call(std::string_view target, std::string_view method, std::span<const std::byte> params = {},
            CallOptions options = {}, std::chrono::milliseconds timeout = {}, Token&& token = {}) {
    return detail::initiate<CallResult<RpcReply>>(
        core_, token,
        [request = encode_call(core_, target, method, params, options), timeout](auto& core,
                                                                                 auto done) mutable {
          start_call(core, std::move(request), timeout, std::move(done));
        });
  }
  /// Calls a method without a reply. It completes when the broker has queued the request. Errors: CallError.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto call0(std::string_view target, std::string_view method, std::span<const std::byte> params = {},
             QoS qos = QoS::processed, Token&& token = {}) {
    return detail::initiate<CallResult<void>>(
        core_, token,
        [frame = encode_call0(core_, target, method, params, qos), qos](auto& core, auto done) mutable {
          start_call0(core, std::move(frame), qos, std::move(done));
        });
  }
  /// Sends a notification. Errors: as Client::send.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto notify(std::string_view target, std::span<const std::byte> payload, QoS qos = QoS::processed,
              Token&& token = {}) {
    return detail::initiate<Result<>>(
        core_, token,
        [frame = encode_notification(core_, target, payload, qos), qos](auto& core, auto done) mutable {
          start_notify(core, std::move(frame), qos, std::move(done));
        });
  }

 private:
  using Core = std::shared_ptr<detail::RpcCore>;
  /// An encoded request, and the id by which the client finds its call when the reply arrives.
  struct Call {
    std::uint32_t id = 0;
    CallOptions options{};
    std::string target;
    Result<base::ByteBuffer> frame;
  };
  static Call encode_call(const Core& core, std::string_view target, std::string_view method,
                          std::span<const std::byte> params, CallOptions options);
  static Result<base::ByteBuffer> encode_call0(const Core& core, std::string_view target,
                                               std::string_view method, std::span<const std::byte> params,
                                               QoS qos);
  static Result<base::ByteBuffer> encode_notification(const Core& core, std::string_view target,
                                                      std::span<const std::byte> payload, QoS qos);
  static void start_call(const Core& core, Call call, std::chrono::milliseconds timeout,
                         detail::Completion<CallResult<RpcReply>> done);
  static void start_call0(const Core& core, Result<base::ByteBuffer> frame, QoS qos,
                          detail::Completion<CallResult<void>> done);
  static void start_notify(const Core& core, Result<base::ByteBuffer> frame, QoS qos,
                           detail::Completion<Result<>> done);

  Core core_;
};

}  // namespace busrt
BUSRT_API_END
