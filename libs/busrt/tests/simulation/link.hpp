// One direction of a simulated connection: takes bytes from the pipe that one side writes, and puts them into
// the pipe that the other side reads, cut into other pieces and later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "plan.hpp"
#include "sabotage.hpp"
#include "tap.hpp"
#include "transport/inproc.hpp"

namespace busrt::simulation {

class Link {
 public:
  /// `source` and `sink` outlive the link.
  Link(transport::InprocPipe& source, transport::InprocPipe& sink, Tap::Direction direction,
       const NetworkPlan& plan, Random& random, Sabotage* sabotage);

  /// Carries what is to be carried by now. False where nothing moved.
  bool step(Time now);
  /// When there is something to do next, if nothing new comes in.
  [[nodiscard]] Time next() const;

  /// From any byte on that is under way now, nothing arrives any more; then the stream ends.
  void cut(Time now);
  /// Nothing arrives until then.
  void stall(Time until) { stalled_until_ = std::max(stalled_until_, until); }

  /// Neither side will send or read any more.
  [[nodiscard]] bool over() const {
    return source_.closed() && sink_.closed() && flying_.empty() && drained_;
  }
  /// Nothing is under way but pings.
  [[nodiscard]] bool quiet() const {
    const auto& frames = tap_.frames();
    return flying_.empty() || (!tap_.within_frame() && (frames.empty() || frames.back().end <= delivered_));
  }

  [[nodiscard]] std::string describe() const;

  [[nodiscard]] const Tap& tap() const noexcept { return tap_; }
  /// Takes out what the reading side has left. To be called when it reads no more.
  void settle();
  /// Bytes that the reading side has taken; good after settle().
  [[nodiscard]] std::uint64_t consumed() const noexcept { return delivered_ - left_; }

 private:
  struct Chunk {
    Time at;
    std::vector<std::byte> bytes;
    std::size_t done = 0;
  };
  bool take_in(Time now);
  bool put_out(Time now);
  bool swallow();
  void lose_the_rest(Time now);
  void split(std::vector<std::byte> bytes, Time now);

  transport::InprocPipe& source_;
  transport::InprocPipe& sink_;
  const NetworkPlan& plan_;
  Random& random_;
  Sabotage* const sabotage_;
  const Duration delay_;
  Tap tap_;
  std::deque<Chunk> flying_;
  std::size_t flying_bytes_ = 0;
  Time last_at_{};
  Time ends_at_{};
  Time reset_at_{};
  Time stalled_until_{};
  bool ending_ = false;   // the source has ended, or the link was cut
  bool ended_ = false;    // and the sink was told
  bool void_ = false;     // what comes in is lost
  bool drained_ = false;  // the source has nothing any more and never will
  std::uint64_t delivered_ = 0;
  std::uint64_t left_ = 0;
};

}  // namespace busrt::simulation
