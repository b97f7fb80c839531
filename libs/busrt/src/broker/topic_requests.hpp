// What a session does with subscribe, unsubscribe, exclude and unexclude.
//
// A long list of patterns is handled in slices of one turn, between which the shard's other sessions are
// served. One ack, after the last slice, answers the whole list: a pattern that a limit refuses ends the
// list; a pattern that the access rules deny is left out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "broker/endpoint.hpp"
#include "broker/registry.hpp"
#include "broker/session_access.hpp"
#include "broker/turn.hpp"
#include "wire/codec.hpp"

namespace busrt::broker {

/// Belongs to one shard's thread. What it is made of must outlive it.
class TopicRequests {
 public:
  TopicRequests(Registry& registry, Turn& turn, SessionAccess& access) noexcept
      : registry_(registry), turn_(turn), access_(access) {}

  struct Outcome {
    enum class Kind : std::uint8_t {
      done,       ///< the list is handled
      slice,      ///< the turn is used up; handle() continues with the same request
      malformed,  ///< `problem` says why
    };
    Kind kind = Kind::done;
    PatternRefusal refusal = PatternRefusal::none;
    bool some_denied = false;  ///< the access rules denied a pattern of the list
    const char* problem = nullptr;

    /// What an ack of the operation says.
    [[nodiscard]] errc code() const noexcept {
      if (refusal != PatternRefusal::none) return errc::busy;
      return some_denied ? errc::access : errc::ok;
    }
  };
  /// Handles the list from where the last slice ended, as far as the turn reaches.
  [[nodiscard]] Outcome handle(const EndpointRef& endpoint, const wire::Request& request);

 private:
  PatternRefusal apply(const EndpointRef& endpoint, Op op, std::vector<std::string_view>& patterns);

  Registry& registry_;
  Turn& turn_;
  SessionAccess& access_;
  std::size_t bytes_done_ = 0;  // of the list under way
  bool some_denied_ = false;    // in the slices of the list so far
};

/// What the client "would hold", for the log.
[[nodiscard]] std::string beyond_limit(PatternRefusal refusal, std::size_t max_patterns);

}  // namespace busrt::broker
