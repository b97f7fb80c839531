// The requests by which a new connection gets a client's subscriptions and exclusions back, and what happens
// to a request for which the broker closes the connection.
//
// Patterns are restored in bulk. After two connections that ended before all patterns were confirmed, the
// next ones get them one by one, each after the answer to the one before it. If three of these connections
// end at the same pattern, later attempts leave it out until one of them succeeds. A network that fails at
// random does not end three connections in a row at one pattern, and a client without one topic is better
// than a client that never connects. The connection after a success begins with all patterns again, because
// the next broker may have other limits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "busrt/base/byte_buffer.hpp"
#include "busrt/protocol.hpp"
#include "client/op_ids.hpp"
#include "client/subscriptions.hpp"

namespace busrt::detail {

/// Not thread-safe. No I/O.
class Restoration {
 public:
  /// A connection is registered. Appends the first requests to `out`, in bodies of at most `max_body` bytes.
  /// Exclusions come before subscriptions, so that no excluded publication is received in between.
  void begin(const Subscriptions& all, std::size_t max_body, base::ByteBuffer& out, OpIds& op_ids);
  /// The broker has answered a request. The next one may be appended. Returns false if the request is none of
  /// these.
  [[nodiscard]] bool answered(std::uint32_t op_id, base::ByteBuffer& out, OpIds& op_ids);
  /// Returns true if every pattern was sent and answered.
  [[nodiscard]] bool complete() const noexcept { return unanswered_.empty() && one_by_one_.empty(); }

  /// The broker has ended the connection before complete(). Returns the pattern that later attempts leave
  /// out, if there is one now.
  [[nodiscard]] std::optional<std::string> connection_ended();
  /// The connection is up, or the client has given up. The next connection begins with all patterns.
  void finish();

 private:
  using Request = std::pair<Op, std::string>;

  void begin_in_bulk(Op op, const Subscriptions::Patterns& patterns, std::size_t max_body,
                     base::ByteBuffer& out, OpIds& op_ids);
  void begin_one_by_one(Op op, const Subscriptions::Patterns& patterns);
  void send_next(base::ByteBuffer& out, OpIds& op_ids);

  std::vector<std::uint32_t> unanswered_;  // ids of requests
  std::vector<Request> one_by_one_;        // the last one is sent and not answered
  std::map<Request, unsigned> alone_;      // connections that ended while it was the only one sent
  unsigned ended_ = 0;                     // connections that ended before one was complete
};

}  // namespace busrt::detail
