// The RPC layer on top of a client: calls that wait for their replies, and requests that run handlers.
//
// The model. A call is a request in a message frame. Until the broker has acknowledged the frame, the
// client's deadline ends the call, and its error says whether the request was sent. After that, the deadline
// in the call table does. A received request starts a handler. At most RpcConfig::max_running_handlers run;
// more requests wait, within the bounds of the client's queue of received frames.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "busrt/base/throttled_log.hpp"
#include "busrt/rpc.hpp"
#include "client/client_core.hpp"
#include "rpc/call_table.hpp"
#include "wire/rpc_frame.hpp"

namespace busrt::detail {

class RpcCore final : public ContextUser, public FrameListener, public std::enable_shared_from_this<RpcCore> {
 public:
  using Done = Completion<CallResult<RpcReply>>;

  static std::shared_ptr<RpcCore> make(Client client, RpcConfig config);
  RpcCore(Client client, RpcConfig config);

  [[nodiscard]] Client& client() noexcept { return client_; }
  [[nodiscard]] ClientCore& bus() const noexcept { return *client_.core(); }

  void on(std::string method, RpcClient::Handler handler);
  void on_any(RpcClient::Handler handler);
  void on_notification(RpcClient::NotificationHandler handler);
  void on_frame(RpcClient::FrameHandler handler);

  [[nodiscard]] std::uint32_t next_call_id();
  void call(std::uint32_t id, std::string target, base::ByteBuffer frame, CallOptions options,
            std::chrono::milliseconds timeout, Done done);
  /// The broker has acknowledged the request, or the client has given it up.
  void request_answered(std::uint32_t id, const Result<>& answer);
  void send_again(std::uint32_t id, base::ByteBuffer frame);
  /// A handler has ended, and its reply is acknowledged or lost: another request may run.
  void handler_ended();
  /// Sends the result of a handler. The next request runs once the broker has acknowledged the reply.
  void reply(const Frame& request, std::uint32_t call_id, const RpcResult& result);

  /// Sends an error. Returns false if the caller wanted no reply; the next request may run at once.
  [[nodiscard]] bool reply_error(const Frame& request, std::uint32_t call_id, RpcError error);

  void count_failed_reply(const Error& why);
  [[nodiscard]] RpcStats stats() const;

  /// Closes the connection. Calls complete with errc::closed.
  void stop();

  void frames_ready() override;
  void connection_ended(const Error& why) override;
  void abandon() noexcept override;

 private:
  using Lock = std::unique_lock<std::mutex>;
  using SharedHandler = std::shared_ptr<const RpcClient::Handler>;
  struct Request {
    RpcRequest request;
    std::uint32_t call_id;
  };

  /// A call that waits for its reply.
  struct Pending {
    Done done;
    CallTable<Pending>::TimePoint deadline{};
    CallOptions options{};
    base::ByteBuffer repeat_frame{};  // IfCut::repeat: the encoded request
    bool acknowledged = false;        // the broker has the request; without ack: the connection
    bool repeated = false;
    unsigned cuts = 0;  // connections that ended before the request was acknowledged
  };
  using Calls = CallTable<Pending>;

  void send_request(std::uint32_t id, base::ByteBuffer frame, QoS qos, Calls::TimePoint deadline,
                    unsigned cuts = 0);
  [[nodiscard]] bool repeat(std::uint32_t id, Pending& pending);

  void dispatch_frame(Frame frame);
  void accept_request(Frame frame, const wire::RpcFrame& rpc);
  void finish_call(const Frame& frame, const wire::RpcFrame& rpc);
  void handle_notification(Frame frame, std::span<const std::byte> payload);
  void handle_frame(Frame frame);
  /// Starts a handler. Returns false if nothing runs and no reply is on its way.
  [[nodiscard]] bool run(Request request);
  [[nodiscard]] bool has_room_for_requests() const;
  void cancel_call(std::uint32_t id);
  void arm_timer(Calls::TimePoint deadline);
  void on_timer();
  void disarm_timer();
  void log(base::LogLevel level, const std::string& line) const;
  /// Writes a throttled line: a peer can cause failures of handlers without end.
  void log_failure(base::LogLevel level, const std::string& line);

  Client client_;
  base::ThrottledLog failures_;
  const RpcConfig config_;

  mutable std::mutex mutex_;
  std::map<std::string, SharedHandler, std::less<>> handlers_;
  SharedHandler any_handler_;
  std::shared_ptr<const RpcClient::NotificationHandler> notification_handler_;
  std::shared_ptr<const RpcClient::FrameHandler> frame_handler_;

  OpIds call_ids_;
  Calls calls_;
  RpcStats stats_;
  std::optional<boost::asio::steady_timer> timer_;
  std::optional<Calls::TimePoint> armed_for_;

  std::size_t running_ = 0;
  // Requests beyond max_running_handlers. They are taken out of the queue of received frames, so that the
  // replies behind them arrive: a running handler may be waiting for one.
  std::deque<Request> waiting_;
  std::size_t waiting_bytes_ = 0;
  bool dispatching_ = false;  // one thread at a time dispatches frames, so that they keep their order
  bool more_frames_ = false;
};

}  // namespace busrt::detail
