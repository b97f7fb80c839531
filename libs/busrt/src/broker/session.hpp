// One connection: handshake, frames in, queue out. Lives on one shard and is touched by its thread alone.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "access/client_access.hpp"
#include "broker/admission.hpp"
#include "broker/delivery.hpp"
#include "broker/endpoint.hpp"
#include "broker/memory.hpp"
#include "broker/outbound_queue.hpp"
#include "broker/stall.hpp"
#include "busrt/base/byte_buffer.hpp"
#include "transport/stream.hpp"
#include "wire/codec.hpp"
#include "wire/handshake.hpp"

namespace busrt::broker {

class Shard;

class Session final : public transport::StreamHandler {
 public:
  using Clock = std::chrono::steady_clock;

  Session(Shard& shard, std::unique_ptr<transport::Stream> stream, AdmissionTicket ticket);
  ~Session() override;

  /// Attaches to the loop and greets.
  void open();

  // StreamHandler
  void on_readable() override;
  void on_writable() override;
  void on_hang_up() override;

  // Filling the outbound queue. The caller has made sure of room (acks and the broker's own answers
  // included).
  [[nodiscard]] std::byte* queue_frame(std::size_t size);
  void queue_frames(std::span<const std::byte> bytes, std::size_t frames);
  void queue_shared(const SharedFrame& frame);

  /// Writes out what the connection takes and wakes publishers that waited for room.
  void flush();

  /// A publisher that found no room here for a frame of `frame_bytes`; it is resumed when there is or when
  /// the session ends.
  void add_waiter(EndpointRef publisher, std::size_t frame_bytes);
  /// Goes on with the frames that were left when this session was held.
  void resume();

  /// Marks the session as ending. It is taken down at the end of the batch; until then it takes no part in
  /// anything.
  void close(CloseReason reason);
  /// For the system's error, or what the stream says of itself.
  void close_failed(int error);
  /// Runs `work` for this session; where it throws, the session ends, and nobody else.
  template <class Work>
  void serve(Work work) {
    try {
      work();
    } catch (const std::exception& fault) {
      end_by(fault);
    }
  }
  void end_by(const std::exception& fault) noexcept;
  /// Takes the session out of the registry, counts what is lost, and closes the stream. Called by the shard.
  void finish();

  /// The shard's access rules have changed: closes the session or takes subscriptions away where they say so.
  void apply_access();

  void tick(Clock::time_point now);
  /// The loop was late by this much, in which the peer could not be heard: its deadlines move.
  void excuse(Clock::duration lateness) noexcept;
  /// No more input; what is queued is still written.
  void stop_reading();

  [[nodiscard]] bool closing() const noexcept { return reason_ != CloseReason::none; }
  [[nodiscard]] bool drained() const noexcept { return outbound_.empty(); }
  [[nodiscard]] const EndpointRef& endpoint() const noexcept { return endpoint_; }
  [[nodiscard]] Shard& shard() noexcept { return shard_; }

  bool dirty = false;    ///< in the shard's list of sessions to flush
  bool patient = false;  ///< in its lists of sessions whose acks may wait for company
  std::size_t slot = 0;  ///< place in the shard's table of sessions

 private:
  enum class Verdict : std::uint8_t {
    done,
    held,  // the frame is not handled yet
  };
  struct Waiter {
    EndpointRef publisher;
    std::size_t frame_bytes;
  };

  [[nodiscard]] std::byte* append_frame(std::size_t size);
  void begin();
  void write_out();
  void look_at_clock(Clock::time_point now);
  void end_stall_period(Clock::time_point now);
  void go_on();
  void take_up_access();
  void process_frames(std::span<const std::byte>& input);
  void open_own();
  void greet_more(std::span<const std::byte>& input);
  void register_client();
  /// Looks for the client's entry in the access rules, or says why it may not connect.
  [[nodiscard]] Result<> find_access(const Endpoint& endpoint);
  /// True where the access rules deny the operation: noted, and said why in the log.
  [[nodiscard]] bool denied(AccessOperation operation, std::string_view target);
  [[nodiscard]] bool data_denied(const wire::Request& request);
  void charge_access();
  /// Handles whole frames at the front of `input`; returns how many bytes were used up.
  std::size_t process(std::span<const std::byte> input);
  Verdict handle(const wire::Request& request, std::size_t frame_bytes);
  Verdict handle_topics(const wire::Request& request);
  void end_topics(const wire::Request& request, PatternRefusal refusal);
  Verdict handle_data(const wire::Request& request);
  Verdict handle_core_call(const wire::Request& request);
  void hold_for(const EndpointRef& receiver, std::size_t frame_bytes);
  /// Reads no more until the other sessions of the shard had their turn.
  void yield();
  void ack(std::uint32_t op_id, errc code);
  void refuse_access(const wire::Request& request);
  void protocol_error(const char* what);
  /// Reads once. False when nothing came.
  bool read_once();
  bool read_into_scratch();
  bool read_into_stash();
  bool took(const transport::IoResult& got);
  void process_stash();
  void keep(std::span<const std::byte> rest);
  /// Brings the account up to the stash's memory; false when that is more than a client may hold.
  bool charge_stash();
  /// Room for the frame of whoever has waited longest.
  [[nodiscard]] bool has_room_for_first_waiter() const;
  void release_waiters();
  void count_lost(LossCause cause, std::uint64_t frames);
  [[nodiscard]] std::uint64_t unrouted_frames() const;
  void log_end();
  [[nodiscard]] transport::Interest interest() const noexcept;
  void update_interest();

  Shard& shard_;
  const std::shared_ptr<Session*> self_ = std::make_shared<Session*>(this);  // null once the session has gone
  const AdmissionTicket ticket_;  // let go of last, when everything that the connection cost is
  const std::shared_ptr<MemoryAccount> account_;
  std::unique_ptr<transport::Stream> stream_;
  EndpointRef endpoint_;
  wire::BrokerHandshake handshake_;
  OutboundQueue outbound_;
  base::ByteBuffer stash_;        // input that is not a whole frame yet, or was left when held
  std::size_t stash_target_ = 0;  // bytes that the frame at the front of the stash is known to need
  std::size_t stash_charged_ = 0;
  std::size_t topics_done_ = 0;  // bytes of the topic list at the front that are handled already
  std::vector<Waiter> waiters_;
  Clock::time_point opened_;
  Clock::time_point last_input_;
  Clock::time_point last_output_;
  std::uint64_t taken_ = 0;  // bytes that the connection took
  StallPeriod stall_;        // while publishers wait
  CloseReason reason_ = CloseReason::none;
  std::uint64_t held_memory_ = 0;  // bytes when it was closed
  std::string detail_;
  std::unique_ptr<access::ClientAccess> access_;  // null: everything is allowed
  std::size_t access_charged_ = 0;
  bool topics_denied_ = false;  // in the slices of a topic list so far
  bool registered_ = false;
  bool held_ = false;
  bool hung_up_ = false;
  bool blocked_ = false;      // the connection takes no bytes now
  bool write_ended_ = false;  // the peer takes no more bytes at all
  bool reading_ = true;
};

}  // namespace busrt::broker
