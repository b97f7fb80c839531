// The publishers that wait for room in one receiver's queue.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "broker/endpoint.hpp"

namespace busrt::broker {

/// Belongs to the receiver's shard's thread.
class BlockedPublishers {
 public:
  [[nodiscard]] bool empty() const noexcept { return blocked_.empty(); }
  /// The size of the frame of the publisher that has waited longest.
  [[nodiscard]] std::size_t first_frame_bytes() const noexcept { return blocked_.front().frame_bytes; }
  void add(EndpointRef publisher, std::size_t frame_bytes) {
    blocked_.push_back({std::move(publisher), frame_bytes});
  }
  /// Calls `resume` with each publisher, and forgets it. If `resume` throws, the publishers that have not
  /// been resumed stay.
  template <class Resume>
  void release(Resume resume) {
    for (Blocked& each : blocked_) {
      if (each.publisher) resume(each.publisher);
      each.publisher = nullptr;
    }
    blocked_.clear();
  }

 private:
  struct Blocked {
    EndpointRef publisher;
    std::size_t frame_bytes;
  };
  std::vector<Blocked> blocked_;
};

}  // namespace busrt::broker
