// A layer of the library on top of a client, which receives frames instead of an application.
#pragma once

#include "busrt/error.hpp"

namespace busrt::detail {

/// Called on the client's executor, with no lock held.
class FrameListener {
 public:
  virtual ~FrameListener() = default;
  /// Frames can be taken with take_frame(). Calls may overlap.
  virtual void frames_ready() = 0;
  /// What was acknowledged on that connection gets no answer any more. Operations under way complete with
  /// errors of their own.
  virtual void connection_ended(const Error& why) = 0;
};

}  // namespace busrt::detail
