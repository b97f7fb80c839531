// Whether and why a session ends.
//
// The first reason counts. A session that is closed is only marked: it takes part in nothing any more, and
// its shard takes it down at the end of the batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <vector>

#include "broker/endpoint.hpp"
#include "broker/memory.hpp"
#include "busrt/broker_reasons.hpp"
#include "transport/stream.hpp"

namespace busrt::broker {

class SessionEnd;

/// The sessions of one shard that are closed and not taken down yet. Its memory is reserved ahead, so that
/// close() needs none.
using ClosingList = std::vector<SessionEnd*>;

/// Belongs to one shard's thread.
class SessionEnd {
 public:
  /// Both must outlive it.
  SessionEnd(ClosingList& closing, const MemoryAccount& account) noexcept
      : list_(closing), account_(account) {}
  SessionEnd(const SessionEnd&) = delete;
  SessionEnd& operator=(const SessionEnd&) = delete;

  /// From its end on, frames that are sent to this client are lost.
  void attach(Endpoint& endpoint) noexcept { endpoint_ = &endpoint; }

  void close(CloseReason reason) noexcept;
  /// As above; the log adds `detail` to the reason.
  void close(CloseReason reason, std::string detail);
  /// Closes the session because its stream failed, with the system's error or 0. The stream may say more.
  void close_failed(int error, const transport::Stream& stream);
  /// Closes the session because an operation threw, usually for lack of memory.
  void close_for(const std::exception& fault) noexcept;
  /// Runs `work` for the session. If `work` throws, this session ends, and no other.
  template <class Work>
  void serve(Work work) {
    try {
      work();
    } catch (const std::exception& fault) {
      close_for(fault);
    }
  }

  [[nodiscard]] bool closing() const noexcept { return reason_ != CloseReason::none; }
  [[nodiscard]] CloseReason reason() const noexcept { return reason_; }
  [[nodiscard]] const std::string& detail() const noexcept { return detail_; }
  /// Bytes that the client held when the session was closed.
  [[nodiscard]] std::uint64_t held_memory() const noexcept { return held_memory_; }

  std::size_t slot = 0;  ///< the session's place in its shard's table

 private:
  ClosingList& list_;
  const MemoryAccount& account_;
  Endpoint* endpoint_ = nullptr;
  CloseReason reason_ = CloseReason::none;
  std::uint64_t held_memory_ = 0;
  std::string detail_;
};

}  // namespace busrt::broker
