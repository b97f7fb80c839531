// Host names to addresses, by the system's resolver, whose call can be neither cancelled nor bounded in time.
//
// Each question runs on a thread of its own, at most limits::name_lookups at once; more wait for their turn.
// The thread and its asker share the question. An asker that leaves drops its share: the thread then ends
// with the resolver's call and wakes nothing. Neither a deadline nor a destructor waits for a name server.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "busrt/error.hpp"
#include "transport/descriptor.hpp"

namespace busrt::transport {

/// What the addresses are for: of a host without addresses of one family, bind() may still want both.
enum class NameUse : bool { connect, bind };

/// Numeric addresses of a host, each once, in the resolver's order; an IPv6 address may have a scope.
using HostAddresses = std::vector<std::string>;

/// A question under way. Destroying it leaves the question without an asker and does not block.
/// Thread safety: one thread at a time.
class NameLookup {
 public:
  /// Asks for `host`. Errors: errc::busy when limits::name_lookups_waiting questions wait already, and the
  /// system's when it has no thread.
  [[nodiscard]] static Result<NameLookup> start(const std::string& host, NameUse use);

  /// A descriptor that becomes readable when the answer is there. Errors: the system's when it has none.
  [[nodiscard]] Result<Descriptor> signal() const;

  /// Waits for the answer. Errors: errc::bad_address with the resolver's reason; errc::timeout at the
  /// deadline; errc::closed when `stop` is requested.
  [[nodiscard]] Result<HostAddresses> wait_until(std::chrono::steady_clock::time_point deadline,
                                                 const std::stop_token& stop) const;

 private:
  struct Question;
  class Workers;
  explicit NameLookup(std::shared_ptr<Question> question) : question_(std::move(question)) {}

  std::shared_ptr<Question> question_;
};

/// Looks `host` up and waits; a numeric address is its own answer and takes no thread. Errors: those of
/// NameLookup.
[[nodiscard]] Result<HostAddresses> look_up(const std::string& host, NameUse use,
                                            std::chrono::milliseconds timeout, const std::stop_token& stop);

}  // namespace busrt::transport
