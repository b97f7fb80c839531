// The requests by which a new connection gets a client's subscriptions and exclusions back, and what becomes
// of one for which the broker ends the connection.
//
// Patterns go in bulk. Where two connections have ended before all was confirmed, the next ones get them one
// by one, each when the one before it is answered. A pattern with which three of those ended, alone on its
// way, is left out by later attempts until one of them succeeds: a network that fails at random does not end
// three in a row at one pattern, and a client that is deaf to one topic is better than one that never
// connects. The connection after that, to a broker that may have other limits, begins with all of them again.
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
  /// A connection has registered: appends the first requests to `out`, exclusions before subscriptions so
  /// that nothing excluded slips in between, in bodies of at most `max_body` bytes.
  void begin(const Subscriptions& all, std::size_t max_body, base::ByteBuffer& out, OpIds& op_ids);
  /// The broker has answered a request; the next may be appended. False where the request is none of these.
  [[nodiscard]] bool answered(std::uint32_t op_id, base::ByteBuffer& out, OpIds& op_ids);
  /// True when nothing is to be sent or answered any more.
  [[nodiscard]] bool complete() const noexcept { return unanswered_.empty() && one_by_one_.empty(); }

  /// The broker has ended the connection before complete(). Returns the pattern that later attempts leave
  /// out, where it is known.
  [[nodiscard]] std::optional<std::string> connection_ended();
  /// Complete, or given up: the next connection begins with everything again.
  void finish();

 private:
  using Request = std::pair<Op, std::string>;

  void begin_in_bulk(Op op, const Subscriptions::Patterns& patterns, std::size_t max_body,
                     base::ByteBuffer& out, OpIds& op_ids);
  void begin_one_by_one(Op op, const Subscriptions::Patterns& patterns);
  void send_next(base::ByteBuffer& out, OpIds& op_ids);

  std::vector<std::uint32_t> unanswered_;  // ids of requests
  std::vector<Request> one_by_one_;        // the last is under way
  std::map<Request, unsigned> alone_;      // connections that ended with it alone on its way
  unsigned ended_ = 0;                     // connections that ended before one was complete
};

}  // namespace busrt::detail
