// What a runtime is made of. Split over three files: runtime.cpp (its life), connection.cpp (its bus),
// methods.cpp (what it answers).
#pragma once

#include <atomic>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "busrt/base/backoff.hpp"
#include "busrt/base/throttled_log.hpp"
#include "busrt/rpc.hpp"
#include "daemoneye/collector/runtime.hpp"
#include "daemoneye/rpc_service/method_table.hpp"
#include "runtime/async_mutex.hpp"
#include "runtime/publisher.hpp"
#include "runtime/shared_outbox.hpp"
#include "runtime/source_host.hpp"
#include "runtime/tasks.hpp"

namespace daemoneye::collector {

class Runtime::Impl : public std::enable_shared_from_this<Runtime::Impl> {
 public:
  using Clock = std::chrono::steady_clock;
  using Ptr = std::shared_ptr<Impl>;
  /// A method's work: the result, or the error for the caller.
  using MethodResult = rpc_service::MethodResult;
  using Method = boost::asio::awaitable<MethodResult> (*)(Ptr self, boost::json::object params);

  Impl(boost::asio::any_io_executor executor, RuntimeConfig config,
       std::vector<std::unique_ptr<EventSource>> sources);

  static boost::asio::awaitable<busrt::base::Result<RunEnd>> run(Ptr self);
  void request_stop(std::string reason);
  [[nodiscard]] boost::json::object health() const;
  [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_; }

 private:
  enum class Phase : std::uint8_t { starting, serving, stopping, ended };

  // runtime.cpp
  [[nodiscard]] busrt::base::Result<> check() const;
  static boost::asio::awaitable<void> start_sources(Ptr self);
  static boost::asio::awaitable<void> stop_sources(Ptr self);
  /// Publishes what is queued, until the deadline at most.
  static boost::asio::awaitable<void> flush(Ptr self, Clock::time_point deadline);
  /// Says the last words, if the bus is there to take them, and disconnects.
  static boost::asio::awaitable<void> finish(Ptr self, bool on_bus, Clock::time_point deadline);
  /// Says in the log what is in the outbox at the end.
  void tell_leftovers() const;
  [[nodiscard]] std::string_view state() const;
  void log(busrt::base::LogLevel level, std::string_view line) const;

  // connection.cpp
  /// Carries events until a stop is requested or the bus is given up.
  static boost::asio::awaitable<RunEnd> serve(Ptr self);
  /// Starts to connect where the client does not do so by itself: at first, and after it gave up or was
  /// refused. After a refusal the next attempt waits. request_stop() ends the attempt.
  void keep_connecting();
  [[nodiscard]] Clock::duration until_next_attempt() const;
  void attempt_ended(const busrt::Result<>& result);
  /// Takes in whether the client has a connection, and whether it is another one than before.
  void follow_client();
  /// Says so once for each time that the bus is away.
  void no_bus(const std::string& why);
  /// Waits, at most so long, until something changes.
  static boost::asio::awaitable<void> wait(Ptr self, Clock::duration longest);
  void wake();
  void lost_connection(const std::string& reason);
  void note_late();
  /// Subscribes to what the agent says of commits.
  void listen_for_commits();
  void take_committed(const busrt::Frame& frame);
  void publish_health();
  void publish_health_if_due();

  // methods.cpp
  void register_methods();
  void add_method(rpc_service::Method schema, Method method);
  static boost::asio::awaitable<MethodResult> answer(std::weak_ptr<Impl> weak, Method method,
                                                     rpc_service::Call call);
  static boost::asio::awaitable<MethodResult> health_check(Ptr self, boost::json::object params);
  static boost::asio::awaitable<MethodResult> start_collection(Ptr self, boost::json::object params);
  static boost::asio::awaitable<MethodResult> stop_collection(Ptr self, boost::json::object params);
  static boost::asio::awaitable<MethodResult> update_config(Ptr self, boost::json::object params);
  static boost::asio::awaitable<MethodResult> get_capabilities(Ptr self, boost::json::object params);
  static boost::asio::awaitable<MethodResult> run_task(Ptr self, boost::json::object params);
  static boost::asio::awaitable<MethodResult> cancel_task(Ptr self, boost::json::object params);
  static boost::asio::awaitable<MethodResult> shutdown(Ptr self, boost::json::object params);
  /// The hosts that a `source` field names, or all of them without one.
  [[nodiscard]] std::expected<std::vector<SourceHost*>, busrt::RpcError> chosen(
      const boost::json::object& params);

  boost::asio::any_io_executor executor_;
  RuntimeConfig config_;
  busrt::base::ThrottledLog refusal_lines_;
  rpc_service::MethodTable methods_;
  busrt::base::ThrottledLog late_lines_;
  std::uint64_t epoch_;
  Clock::time_point begun_ = Clock::now();
  std::shared_ptr<SharedOutbox> outbox_;
  std::unique_ptr<busrt::RpcClient> rpc_;
  std::shared_ptr<Publisher> publisher_;
  std::vector<std::unique_ptr<SourceHost>> hosts_;
  Tasks tasks_;
  AsyncMutex sources_mutex_;  ///< around every operation on a source

  Phase phase_ = Phase::starting;
  std::exception_ptr start_fault_;  ///< what ended start_sources(); run() ends with it
  bool ran_ = false;
  bool connected_ = false;
  std::uint64_t connection_ = 0;  ///< number of the client's connection that connected_ is about
  bool attempting_ = false;       ///< rpc_->connect() is under way
  busrt::base::Backoff backoff_;  ///< between refusals
  Clock::time_point next_attempt_{};
  bool absence_logged_ = false;  ///< one line for each time that the bus is away
  std::uint64_t refused_ = 0;
  boost::asio::steady_timer changed_;  ///< cancelled when there is something for serve() to look at
  bool woken_ = false;
  std::chrono::milliseconds heartbeat_;
  Clock::time_point next_heartbeat_{};
  std::string_view published_state_;
  std::atomic<bool> stop_requested_ = false;
  /// Ends the attempt to connect that is under way. Shared with its handler, which may outlive this.
  std::shared_ptr<boost::asio::cancellation_signal> end_attempt_ =
      std::make_shared<boost::asio::cancellation_signal>();
};

}  // namespace daemoneye::collector
