// One connection: handshake, frames in, queue out. Lives on one shard and is touched by its thread alone.
//
// The session reads and decides; its parts keep the state. InputBuffer has what is not handled yet,
// SessionAccess what the access rules say, TopicRequests the patterns, SessionOutput the queue and the
// publishers that wait for it, SessionEnd whether and why the session ends.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "broker/admission.hpp"
#include "broker/endpoint.hpp"
#include "broker/input_buffer.hpp"
#include "broker/session_access.hpp"
#include "broker/session_deadlines.hpp"
#include "broker/session_end.hpp"
#include "broker/session_output.hpp"
#include "broker/session_services.hpp"
#include "broker/stream_interest.hpp"
#include "broker/topic_requests.hpp"
#include "transport/stream.hpp"
#include "wire/codec.hpp"
#include "wire/handshake.hpp"

namespace busrt::broker {

class Session final : public transport::StreamHandler {
 public:
  using Clock = std::chrono::steady_clock;

  Session(SessionServices& services, std::unique_ptr<transport::Stream> stream, AdmissionTicket ticket);
  ~Session() override;

  /// Attaches to the loop and greets.
  void open();

  // StreamHandler
  void on_readable() override;
  void on_writable() override;
  void on_hang_up() override;

  /// Continues with the frames that were left when this session was blocked or used up its turn.
  void resume();
  /// Takes the session out of the registry, counts what is lost, and closes the stream. Called by the shard.
  void finish();

  /// The access rules have changed: closes the session or takes subscriptions away where they say so.
  void apply_new_rules();

  void tick(Clock::time_point now);
  /// The loop was late by this much, and could not read: the peer's deadlines move.
  void extend_deadlines(Clock::duration lateness) noexcept;
  /// No more input; what is queued is still written.
  void stop_reading();

  [[nodiscard]] SessionEnd& end() noexcept { return end_; }
  [[nodiscard]] SessionOutput& output() noexcept { return output_; }

 private:
  enum class Verdict : std::uint8_t {
    done,
    suspended,  // the frame is not handled yet
  };

  [[nodiscard]] bool closing() const noexcept { return end_.closing(); }
  [[nodiscard]] Shard& shard() noexcept { return services_.shard; }
  [[nodiscard]] Core& core() noexcept { return services_.core; }

  // session.cpp: opening, deadlines, end
  void begin();
  void open_own();
  void check_deadlines(Clock::time_point now);
  void check_rules();
  void count_lost(LossCause cause, std::uint64_t frames);
  [[nodiscard]] std::uint64_t unrouted_frames() const;
  void report();

  // session_input.cpp: bytes and handshake
  /// Reads once. False when nothing came.
  bool read_once();
  bool read_into_scratch();
  bool read_into_buffer();
  bool check_read(const transport::IoResult& got);
  void process_buffer();
  /// Charges what the input buffer holds; false when that is more than a client may hold.
  bool charge_input();
  void continue_handshake(std::span<const std::byte>& input);
  void register_client();
  /// Handles whole frames at the front of `input`; returns how many bytes were used up.
  std::size_t process(std::span<const std::byte> input);
  void process_frames(std::span<const std::byte>& input);
  void continue_reading();

  // session_requests.cpp: frames
  Verdict handle(const wire::Request& request, std::size_t frame_bytes);
  Verdict handle_topics(const wire::Request& request);
  Verdict handle_data(const wire::Request& request);
  Verdict handle_own_call(const wire::Request& request);
  [[nodiscard]] bool data_denied(const wire::Request& request);
  void refuse_access(const wire::Request& request);
  void log_pattern_limit(PatternRefusal refusal);
  /// Reads no more until the receiver has room.
  void block_on(const EndpointRef& receiver, std::size_t frame_bytes);
  /// Reads no more until the other sessions of the shard had their turn.
  void yield();
  void suspend();
  void ack(std::uint32_t op_id, errc code);

  SessionServices& services_;
  const std::shared_ptr<Session*> self_ = std::make_shared<Session*>(this);  // null once the session has gone
  const AdmissionTicket ticket_;  // let go of last, when everything that the connection cost is
  const std::unique_ptr<transport::Stream> stream_;
  SessionEnd end_;
  StreamInterest interest_;
  SessionOutput output_;
  InputBuffer input_;
  SessionAccess access_;
  TopicRequests topics_;
  wire::BrokerHandshake handshake_;
  SessionDeadlines deadlines_;
  EndpointRef endpoint_;  // null until the client has registered
  bool suspended_ = false;
  bool hung_up_ = false;
  bool reading_ = true;
};

}  // namespace busrt::broker
