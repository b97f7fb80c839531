// Received frames that wait for the application: first in, first out, with a limit at which the client stops
// reading.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "busrt/frame.hpp"

namespace busrt::detail {

/// Not thread-safe. A vector with a moving front, so that a reader who takes everything takes it by swap.
class FrameQueue {
 public:
  FrameQueue(std::size_t max_frames, std::size_t max_bytes)
      : max_frames_(max_frames), max_bytes_(max_bytes) {}

  /// Takes all of `frames`, leaving it empty. The limit is looked at between reads, so one batch may go over
  /// it.
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
  /// At most half full: reading may go on. Less than "not full", so that a slow reader does not toggle it per
  /// frame.
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
