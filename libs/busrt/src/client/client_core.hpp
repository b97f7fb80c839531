// The client: it binds the concepts beside it to one connection after another.
//
// Its parts are plain classes with tests of their own. `send_` says what becomes of an operation, `inbox_`
// holds received frames, `schedule_` says when to connect, `keepalive_` and `lingering_` when to end a
// connection, `restoration_` what a new connection gets first. This class owns the connection, the timer and
// the order in which things happen.
//
// One mutex guards all members, except those that Connection owns. The holder of the write lane writes
// outside the lock. One read is outstanding at a time, and the thread that handles it owns the decoder. So
// neither end of the I/O needs a strand. Handlers are posted under the lock, or dispatched outside it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "busrt/base/byte_buffer.hpp"
#include "busrt/client.hpp"
#include "client/connection.hpp"
#include "client/context_service.hpp"
#include "client/deadline_timer.hpp"
#include "client/frame_listener.hpp"
#include "client/inbox.hpp"
#include "client/keepalive.hpp"
#include "client/lingering_read.hpp"
#include "client/opener.hpp"
#include "client/reconnect_schedule.hpp"
#include "client/request_encoding.hpp"
#include "client/restoration.hpp"
#include "client/send_path.hpp"
#include "client/status_notifier.hpp"
#include "client/subscriptions.hpp"

namespace busrt::detail {

class ClientCore final : public ContextUser, public std::enable_shared_from_this<ClientCore> {
 public:
  using Executor = boost::asio::any_io_executor;
  using Clock = std::chrono::steady_clock;

  static std::shared_ptr<ClientCore> make(Executor executor, ClientConfig config);
  ClientCore(Executor executor, ClientConfig config);

  [[nodiscard]] const Executor& executor() const noexcept { return executor_; }
  [[nodiscard]] const ClientConfig& config() const noexcept { return config_; }
  [[nodiscard]] bool connected() const;
  [[nodiscard]] ClientStats stats() const;
  [[nodiscard]] ConnectionStatus status() const;
  void on_state(StatusNotifier::Handler handler);
  void wait_state_change(std::uint64_t seen, Completion<Result<ConnectionStatus>> done);

  // Operations, on any thread.
  void connect(Completion<Result<>> done);
  void disconnect(std::chrono::milliseconds drain, Completion<Result<>> done);
  /// Starts an operation. `frame` has the op id zero. `done` may be empty; an ack is then ignored. `cuts`
  /// counts the connections that have ended with this frame on them, for a layer that repeats it by itself.
  void operate(base::ByteBuffer frame, const SendOptions& options, Repeat repeat, Completion<Result<>> done,
               unsigned cuts = 0);
  [[nodiscard]] Result<> try_send(Op op, std::string_view target, std::span<const std::byte> payload,
                                  QoS qos);
  void wait_writable(Completion<Result<>> done);
  void wait_credit(Completion<Result<>> done);
  void receive(Completion<Result<Frame>> done);
  void receive_some(Completion<Result<std::vector<Frame>>> done);
  [[nodiscard]] bool take_frame(Frame& out);
  void set_listener(const std::shared_ptr<FrameListener>& listener);
  /// Completes everything that is pending with errc::closed. Nothing begins after that.
  void close();
  void abandon() noexcept override;

  /// Encodes with every check that needs no lock: names, sizes.
  [[nodiscard]] Result<base::ByteBuffer> encode(Op op, QoS qos, std::string_view target,
                                                std::string_view receiver, std::span<const std::byte> prefix,
                                                std::span<const std::byte> payload) const {
    return encode_request(op, qos, target, receiver, prefix, payload, config_.max_body_bytes);
  }
  [[nodiscard]] Result<base::ByteBuffer> encode_topics(Op op,
                                                       const std::vector<std::string>& patterns) const {
    return encode_topic_request(op, patterns, config_.max_body_bytes);
  }

  // For Connection, on the thread that handles its read or its writability.
  void answer(const Connection* from, const base::ByteBuffer& bytes);
  void registered(const Connection* from);
  /// Takes what a read brought. Returns true if the connection is to read again. `healthy` is false if the
  /// connection is about to end.
  [[nodiscard]] bool deliver(const Connection* from, Batch& batch, Acknowledged& acknowledged, bool healthy);
  void end(const Connection* from, DisconnectReason reason, const Error& why);
  /// The holder of the lane writes again: the connection has room, or its turn has come.
  void continue_writing(const std::shared_ptr<Connection>& connection);
  void flush_posted(const std::shared_ptr<Connection>& connection);

 private:
  using Lock = std::unique_lock<std::mutex>;
  enum class State : std::uint8_t {
    idle,
    connecting,  // an attempt is under way
    restoring,   // registered; subscriptions are not confirmed yet
    up,
    waiting,  // between two attempts
    closed
  };

  // client_core.cpp: beginning and ending
  void finish(const Error& why);
  void finish_by_owner(const Error& why);
  void finish_drain_if_empty();
  void notify_listener(const Error& why);
  void count_loss(ClientLoss cause, std::uint64_t count = 1) {
    stats_.lost[static_cast<std::size_t>(cause)] += count;
  }
  void log(base::LogLevel level, const std::string& line) const;

  // client_reconnect.cpp: attempts, and what survives a connection
  void begin_attempt(Lock& lock);
  void opened(std::uint64_t generation, Result<std::unique_ptr<Stream>> stream);
  void fail_connection(DisconnectReason reason, const Error& why);
  void drop_connection(ClientLoss cause);
  void suspend(const Error& why);
  void restored(std::uint32_t op_id, std::uint8_t code);
  void end_restoration();
  void connection_up();
  void report_status(ConnectionState state, std::chrono::milliseconds retry_in = {});

  // client_send.cpp: the way out
  [[nodiscard]] Result<> check_open() const;
  /// Returns true if a connection was up since connect(), and the client has not ended since.
  [[nodiscard]] bool established() const noexcept { return send_.link() != SendPath::Link::down; }
  /// Returns true if the last connection was lost and the client reconnects.
  [[nodiscard]] bool resuming() const noexcept { return send_.link() == SendPath::Link::resuming; }
  void wait_for_room(Room room, Completion<Result<>> done);
  void flush_soon(Lock& lock);
  void flush_now(Lock& lock);
  void write(Lock& lock, const std::shared_ptr<Connection>& connection);
  void end_writing(const Error& why);
  [[nodiscard]] bool refill(Connection& connection);
  void cancel_operation(std::uint64_t ticket);

  // client_receive.cpp: the way in
  void take_ack(const Ack& ack, Acknowledged& acknowledged);
  void count_oversized(const Batch& batch);
  [[nodiscard]] std::shared_ptr<Connection> connection_to_resume();
  [[nodiscard]] Error no_more_frames() const;
  template <class Done>
  void start_receive(Done done);
  void cancel_receive(std::uint64_t ticket);

  // client_timer.cpp: pings, deadlines
  void start_timer(Clock::time_point first);
  void arm_timer();
  void arm_timer_by(Clock::time_point deadline) {
    if (timer_.is_late_for(deadline)) start_timer(deadline);
  }
  void on_timer(std::uint64_t generation);
  void step_timed_out();
  void give_up();
  [[nodiscard]] Clock::time_point next_check() const noexcept {
    return lingering_.active() ? lingering_.next_check() : keepalive_.next_check();
  }
  void check_lingering(Clock::time_point now);
  void check_keepalive(Lock& lock, Clock::time_point now);

  const Executor executor_;
  const ClientConfig config_;

  mutable std::mutex mutex_;
  State state_ = State::idle;
  std::uint64_t generation_ = 0;  // counts attempts and ends of connections; a late handler has an older one
  std::shared_ptr<OpenAttempt> attempt_;
  std::shared_ptr<Connection> connection_;
  struct {
    Completion<Result<>> done;
    std::uint64_t ticket = 0;  // counts calls
  } connect_call_;
  StatusNotifier status_;
  struct LastEnd {
    DisconnectReason reason = DisconnectReason::none;
    std::error_code error{};
    std::string message{};
  } last_end_;  // how the last connection or attempt ended
  ReconnectSchedule schedule_;
  Subscriptions subscriptions_;
  Restoration restoration_;

  ClientStats stats_;
  SendPath send_;
  LingeringRead lingering_;
  KeepAlive keepalive_;
  Inbox inbox_;
  DeadlineTimer timer_;
  Clock::time_point step_deadline_{};  // connecting, restoring
};

}  // namespace busrt::detail
