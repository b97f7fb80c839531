// Received frames that wait for the application: first in, first out, with a bound at which the client stops
// reading.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "busrt/frame.hpp"

namespace busrt::detail {

/// A vector with a moving front, so that a reader of all frames takes them by swap. Not thread-safe.
class FrameQueue {
 public:
  FrameQueue(std::size_t max_frames, std::size_t max_bytes)
      : max_frames_(max_frames), max_bytes_(max_bytes) {}

  /// Takes all of `frames` and leaves it empty. The owner checks full() between reads, so one batch may
  /// exceed the bound.
  void push(std::vector<Frame>& frames, std::size_t bytes) {
    bytes_ += bytes;
    if (empty()) {
      frames_.clear();
      front_ = 0;
      frames_.swap(frames);
      return;
    }
    frames_.insert(frames_.end(), std::make_move_iterator(frames.begin()),
                   std::make_move_iterator(frames.end()));
    frames.clear();
  }

  [[nodiscard]] bool empty() const noexcept { return front_ == frames_.size(); }
  [[nodiscard]] std::size_t size() const noexcept { return frames_.size() - front_; }
  [[nodiscard]] bool full() const noexcept { return size() >= max_frames_ || bytes_ >= max_bytes_; }
  /// Returns true if the queue is at most half full. Reading resumes then, and not at once below full(): a
  /// slow application would start and stop it with each frame.
  [[nodiscard]] bool has_room() const noexcept {
    return size() <= max_frames_ / 2 && bytes_ <= max_bytes_ / 2;
  }

  [[nodiscard]] Frame pop() {
    Frame frame = std::move(frames_[front_++]);
    bytes_ -= std::min(bytes_, bytes_of(frame));
    if (empty()) {
      frames_.clear();
      front_ = 0;
      bytes_ = 0;
    }
    return frame;
  }
  [[nodiscard]] std::vector<Frame> take_all() {
    if (front_ != 0) frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(front_));
    front_ = 0;
    bytes_ = 0;
    return std::exchange(frames_, {});
  }

 private:
  [[nodiscard]] static std::size_t bytes_of(const Frame& frame) noexcept {
    return frame.sender().size() + frame.topic().size() + frame.payload().size();
  }

  std::size_t max_frames_;
  std::size_t max_bytes_;
  std::vector<Frame> frames_;
  std::size_t front_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace busrt::detail
