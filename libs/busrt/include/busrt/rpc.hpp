// Remote calls over a client: callers, and handlers registered by method name.
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

/// JSON-RPC's codes, as BUS/RT uses them; -32000 - c stands for bus error c.
namespace rpc_code {
inline constexpr std::int16_t not_found = -32001;         ///< the object that the params name is not there
inline constexpr std::int16_t parse = -32700;             ///< the params are no valid MessagePack or JSON
inline constexpr std::int16_t invalid_request = -32600;   ///< the frame is no request
inline constexpr std::int16_t method_not_found = -32601;  ///< the callee has no handler of that name
inline constexpr std::int16_t invalid_params = -32602;    ///< the handler refuses the params
inline constexpr std::int16_t internal = -32603;          ///< the handler failed
}  // namespace rpc_code

/// What a handler answers instead of a result, and what a caller gets when the other side did.
struct RpcError {
  std::int16_t code = rpc_code::internal;  ///< one of rpc_code, or the application's own
  std::string message;                     ///< a sentence for people; UTF-8
};

/// Result bytes, or an error for the caller.
using RpcResult = std::expected<std::vector<std::byte>, RpcError>;

/// Copies text into the bytes of a result.
[[nodiscard]] inline std::vector<std::byte> to_bytes(std::string_view text) {
  const auto bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

/// An incoming call. `method` and `payload` view into `frame`, which keeps them alive.
struct RpcRequest {
  Frame frame;                         ///< keeps the two views below alive
  std::string_view method;             ///< as the caller wrote it
  std::span<const std::byte> payload;  ///< the params, not decoded
  bool wants_reply = true;             ///< false for call0: the handler's answer is dropped

  /// The caller's full name, a secondary's suffix included.
  [[nodiscard]] std::string_view sender() const noexcept { return frame.sender(); }
};

/// An incoming notification.
struct RpcNotification {
  Frame frame;                         ///< keeps `payload` alive
  std::span<const std::byte> payload;  ///< the notification, not decoded
};

/// What a callee answered.
struct RpcReply {
  Frame frame;                         ///< keeps `payload` alive
  std::span<const std::byte> payload;  ///< the result, not decoded
};

/// Errors that a callee sent; their values are RPC codes.
[[nodiscard]] const std::error_category& rpc_category() noexcept;

/// How a call ended without a result: a bus error on this side, or the callee's own error.
struct CallError {
  std::error_code code;       ///< errc::*, or rpc_category() for an error that the callee sent
  std::int16_t rpc_code = 0;  ///< the callee's code; for a bus error c, -32000 - c
  std::string message;        ///< a sentence for people
  /// False only where it is certain that no handler ran: refused by the broker, or never sent. True as well
  /// for an error that the callee sent.
  bool may_have_been_executed = true;
};
/// What a call ends with: the callee's result, or why there is none.
template <class T>
using CallResult = std::expected<T, CallError>;

/// What becomes of a call whose connection is lost before its reply.
enum class IfCut : std::uint8_t {
  fail,  ///< it ends with errc::io: it may have been executed, and is never executed twice
  /// For idempotent methods: the request goes out again over the next connection, within the call's timeout.
  /// The method may then run twice.
  repeat,
};

/// A QoS says it all in most calls.
struct CallOptions {
  QoS qos = QoS::processed;    ///< of the request
  IfCut if_cut = IfCut::fail;  ///< what a lost connection means for the call
  constexpr CallOptions() = default;
  /// `QoS` alone converts.
  constexpr CallOptions(QoS with, IfCut cut = IfCut::fail) : qos(with), if_cut(cut) {}
};

/// Numbers of an RpcClient since it was made.
struct RpcStats {
  std::size_t pending = 0;     ///< calls that wait for their reply
  std::uint64_t cut = 0;       ///< calls that ended with their connection, and may have been executed
  std::uint64_t repeated = 0;  ///< requests sent again, by IfCut::repeat
  std::uint64_t late_replies =
      0;  ///< replies to no call that waits: its deadline or its connection had passed
  /// Replies of our handlers that did not reach their caller: it is gone, the broker refused them, or they
  /// were given up, which includes those of which a connection took the confirmation with it.
  std::uint64_t replies_caller_gone = 0;
  std::uint64_t replies_refused = 0;   ///< the broker refused them
  std::uint64_t replies_given_up = 0;  ///< the client was closed or gave up, or their deadline passed
};

/// Settings of an RpcClient.
struct RpcConfig {
  /// Time for a call that gives none of its own.
  std::chrono::milliseconds call_timeout = limits::timeout;
  /// Calls handled at once; more wait, as many as the client's event queue holds, and then in that queue.
  std::size_t max_running_handlers = 1024;
};

namespace detail {
class RpcCore;
[[nodiscard]] boost::asio::any_io_executor executor_of(const RpcCore& core) noexcept;
}  // namespace detail

/// Owns a connected (or yet to be connected) client. Handlers run as coroutines on the client's executor, and
/// stay registered over reconnects. Thread-safe.
///
/// Calls and the loss of a connection. A call that begins while the client reconnects waits for the
/// connection, within its timeout. One whose request was sent ends with errc::io when the connection is lost,
/// and says that it may have been executed: nothing is executed twice unless the caller allows it
/// (IfCut::repeat). So do call0 and its like, which nobody answers. Notifications and replies are messages,
/// delivered at least once.
class RpcClient {
 public:
  /// Answers one method. Runs as a coroutine on the client's executor.
  using Handler = std::function<boost::asio::awaitable<RpcResult>(RpcRequest)>;
  /// Gets notifications, in order, on the client's executor. Must not block.
  using NotificationHandler = std::function<void(RpcNotification)>;
  /// Gets frames that are not RPC, in order, on the client's executor. Must not block.
  using FrameHandler = std::function<void(Frame)>;

  /// Takes the client over.
  explicit RpcClient(Client client, RpcConfig config = {});
  /// Ends pending calls with errc::closed.
  ~RpcClient();
  RpcClient(RpcClient&&) noexcept;             ///< leaves the other without a client
  RpcClient& operator=(RpcClient&&) noexcept;  ///< the same

  /// Registers handlers; do so before connect(). A request with no handler of its name goes to the catch-all,
  /// and without one is answered with method_not_found. An exception from a handler answers internal and
  /// names no detail.
  void on(std::string method, Handler handler);
  void on_any(Handler handler);                       ///< the catch-all
  void on_notification(NotificationHandler handler);  ///< at most one; a later call replaces it
  /// Publications, broadcasts, and messages that are no RPC frames.
  void on_frame(FrameHandler handler);

  /// The client, for subscribing and sending. Do not receive() on it.
  [[nodiscard]] Client& client() noexcept;
  /// A snapshot of the numbers. Thread safety: any thread.
  [[nodiscard]] RpcStats stats() const;

  /// Connects the client. Errors: as Client::connect.
  template <class Token = boost::asio::use_awaitable_t<>>
  auto connect(Token&& token = {}) {
    return client().connect(std::forward<Token>(token));
  }

  /// Calls `method` of the client `target`. A zero timeout means the configured one.
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
  /// A call whose reply nobody wants: completes when the broker has queued it.
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
  /// An encoded request and what its reply will be known by.
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
