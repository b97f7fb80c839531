// What a session wants its stream to report: bytes to read, room to write.
#pragma once

#include "broker/session_end.hpp"
#include "transport/stream.hpp"

namespace busrt::broker {

/// Belongs to one shard's thread. Reading and writing are wanted independently; the stream is asked for both
/// at once. Nothing is asked of the stream of a session that is ending.
class StreamInterest {
 public:
  StreamInterest(transport::Stream& stream, const SessionEnd& end) noexcept : stream_(stream), end_(end) {}

  void want_read(bool wanted) {
    current_.read = wanted;
    apply();
  }
  void want_write(bool wanted) {
    current_.write = wanted;
    apply();
  }

 private:
  void apply() {
    if (!end_.closing()) stream_.want(current_);
  }

  transport::Stream& stream_;
  const SessionEnd& end_;
  transport::Interest current_{.read = true, .write = false};
};

}  // namespace busrt::broker
