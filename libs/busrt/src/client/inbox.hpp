// Received frames on their way to the application, and the back-pressure that a slow application causes.
//
// The model. A read brings a batch of frames. They go to the one receive() that is pending, or to the
// listener, or they wait in the queue. While the queue is full, the client does not read its connection; it
// reads again once the queue is at most half full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "busrt/detail/completion.hpp"
#include "busrt/error.hpp"
#include "busrt/frame.hpp"
#include "client/frame_listener.hpp"
#include "client/frame_queue.hpp"
#include "client/frame_reader.hpp"

namespace busrt::detail {

/// Not thread-safe. No I/O.
class Inbox {
 public:
  using FrameDone = Completion<Result<Frame>>;
  using FramesDone = Completion<Result<std::vector<Frame>>>;

  /// What a batch completes. It is run with no lock held.
  class Handover {
   public:
    /// Handlers run at once if this thread runs their executor.
    void run();

   private:
    friend class Inbox;
    FrameDone frame_done_;
    Frame frame_;
    FramesDone frames_done_;
    std::vector<Frame> frames_;
    std::shared_ptr<FrameListener> listener_;
  };

  /// Handlers that the owner destroys outside its lock.
  struct Abandoned {
    FrameDone frame_done;
    FramesDone frames_done;
  };

  Inbox(std::size_t max_frames, std::size_t max_bytes) : queue_(max_frames, max_bytes) {}

  /// The number of frames in the queue.
  [[nodiscard]] std::size_t size() const noexcept { return queue_.size(); }
  [[nodiscard]] bool empty() const noexcept { return queue_.empty(); }

  /// Takes the frames of a batch, which must not be empty, and fills `handover`.
  void deliver(Batch& batch, Handover& handover);

  /// Pauses reading if the queue is full, and reading may go on at all. Returns whether it is paused.
  bool pause_reading_if_full(bool may_pause) noexcept {
    reading_paused_ = may_pause && queue_.full();
    return reading_paused_;
  }
  [[nodiscard]] bool reading_paused() const noexcept { return reading_paused_; }
  /// Returns true if reading was paused and is to be resumed now.
  [[nodiscard]] bool resume_reading() noexcept {
    if (!reading_paused_ || !queue_.has_room()) return false;
    reading_paused_ = false;
    return true;
  }
  void connection_closed() noexcept { reading_paused_ = false; }

  /// Takes one frame, in order. Returns false if there is none, or if a receive is pending.
  [[nodiscard]] bool take(Frame& out);
  /// Completes `done` if that is possible at once: with what is queued, or with errc::busy if another receive
  /// is pending. Returns false if the caller has to wait.
  [[nodiscard]] bool receive(FrameDone& done);
  [[nodiscard]] bool receive(FramesDone& done);
  /// Makes this the pending receive; its ticket is the one that next_ticket() returned before.
  void wait(FrameDone done) noexcept;
  void wait(FramesDone done) noexcept;
  /// The ticket of the next pending receive, for cancel().
  [[nodiscard]] std::uint64_t next_ticket() const noexcept { return ticket_ + 1; }
  /// Completes the pending receive as cancelled, if it has this ticket.
  void cancel(std::uint64_t ticket);
  /// Completes the pending receive with an error.
  void fail_pending(const Error& why);
  /// The client has ended; `why` is what a later receive() completes with once the queue is empty.
  void connections_ended(Error why) { why_ended_ = std::move(why); }
  [[nodiscard]] const Error& why_ended() const noexcept { return why_ended_; }
  [[nodiscard]] Abandoned abandon() noexcept;

  void set_listener(std::weak_ptr<FrameListener> listener) { listener_ = std::move(listener); }
  /// Returns the listener; null if there is none, or it is gone.
  [[nodiscard]] std::shared_ptr<FrameListener> listener() const {
    return listener_ ? listener_->lock() : nullptr;
  }

 private:
  [[nodiscard]] bool pending() const noexcept { return frame_done_ || frames_done_; }

  FrameQueue queue_;
  bool reading_paused_ = false;
  std::uint64_t ticket_ = 0;
  FrameDone frame_done_;
  FramesDone frames_done_;
  std::optional<std::weak_ptr<FrameListener>> listener_;
  Error why_ended_{errc::not_connected};
};

}  // namespace busrt::detail
