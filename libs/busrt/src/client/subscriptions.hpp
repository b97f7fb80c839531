// What a client is subscribed to and has excluded, as far as a broker has confirmed it: what the next
// connection needs first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/byte_buffer.hpp"
#include "busrt/error.hpp"
#include "client/op_ids.hpp"

namespace busrt::detail {

/// Not thread-safe.
class Subscriptions {
 public:
  /// Looks at the encoded request that the broker has answered with `code`, and remembers what it changed.
  /// Frames of other operations are passed over. Of a bulk request answered with errc::access the broker has
  /// taken some patterns; it does not say which, so all are kept.
  void answered(std::span<const std::byte> frame, errc code);

  /// Appends the requests that restore everything, exclusions first so that nothing excluded slips in
  /// between, in bodies of at most `max_body` bytes; their ids go to `ids`.
  void append_requests(base::ByteBuffer& out, std::size_t max_body, OpIds& op_ids,
                       std::vector<std::uint32_t>& ids) const;

  [[nodiscard]] bool empty() const noexcept { return subscribed_.empty() && excluded_.empty(); }
  void clear() noexcept {
    subscribed_.clear();
    excluded_.clear();
  }

 private:
  std::set<std::string, std::less<>> subscribed_;
  std::set<std::string, std::less<>> excluded_;
};

}  // namespace busrt::detail
