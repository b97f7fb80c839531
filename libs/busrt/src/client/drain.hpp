// A disconnect() under way: the client takes no new operations, and sends what it has accepted until a
// deadline.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "busrt/detail/completion.hpp"
#include "busrt/error.hpp"

namespace busrt::detail {

/// It sums up what was lost on the connections that ended meanwhile, and reports that to the caller. Not
/// thread-safe.
class Drain {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  [[nodiscard]] bool active() const noexcept { return active_; }
  /// TimePoint::max() if no drain is active.
  [[nodiscard]] TimePoint deadline() const noexcept { return active_ ? deadline_ : TimePoint::max(); }

  void begin(TimePoint deadline, Completion<Result<>> done) {
    active_ = true;
    deadline_ = deadline;
    done_ = std::move(done);
    unwritten_bytes_ = 0;
    unknown_frames_ = 0;
  }
  /// A connection ended with this much not written, and with this many frames without ack whose arrival is
  /// unknown.
  void connection_closed(std::size_t unwritten_bytes, std::uint64_t unknown_frames) noexcept {
    unwritten_bytes_ += unwritten_bytes;
    unknown_frames_ += unknown_frames;
  }
  /// Posts the result: success if nothing was lost and no operation is left.
  void finish(const Error& why, std::size_t operations_left) {
    active_ = false;
    if (!done_) return;
    const auto code = why.code == errc::closed ? make_error_code(errc::timeout) : why.code;
    const bool complete = unwritten_bytes_ == 0 && operations_left == 0 && unknown_frames_ == 0;
    done_.post(complete
                   ? Result<>()
                   : fail(code, std::to_string(unwritten_bytes_) + " bytes not written, " +
                                    std::to_string(operations_left) + " operations and " +
                                    std::to_string(unknown_frames_) + " frames without ack not confirmed"));
  }
  /// Gives the caller's handler away, uncalled.
  [[nodiscard]] Completion<Result<>> abandon() noexcept { return std::move(done_); }

 private:
  bool active_ = false;
  TimePoint deadline_{};
  Completion<Result<>> done_;
  std::size_t unwritten_bytes_ = 0;
  std::uint64_t unknown_frames_ = 0;
};

}  // namespace busrt::detail
