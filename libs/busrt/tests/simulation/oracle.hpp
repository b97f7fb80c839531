// Records what happens at the clients and says what must not have happened.
//
// Rules: order (of one sender's frames at one receiver), at_least_once, phantom (a frame that nobody sent, or
// that is not the receiver's), not_sent (an operation that certainly was not delivered, and was), books (what
// is missing and what is counted differ), liveness.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "busrt/error.hpp"
#include "busrt/frame.hpp"
#include "records.hpp"
#include "trace.hpp"

namespace busrt::simulation {

struct Violation {
  std::string rule;
  std::string details;
};

/// What the oracle asks of the world about a client, at any moment.
struct Standing {
  bool connected = false;
  std::uint32_t wire = 0;         ///< the latest; zero: none
  std::uint64_t connections = 0;  ///< that it has had
  /// The broker's end of it is open: what comes for the client is taken, or counted.
  bool served = false;
  std::uint32_t primary_wire = 0;  ///< of a secondary's primary, which it does not outlive
};
using StandingOf = std::function<Standing(std::uint32_t life)>;

class Oracle {
 public:
  Oracle(Trace& trace, StandingOf standing_of) : trace_(trace), standing_of_(std::move(standing_of)) {}

  std::uint32_t new_life(std::string name);
  [[nodiscard]] LifeRecord& life(std::uint32_t number) { return lives_[number]; }
  [[nodiscard]] const std::vector<LifeRecord>& lives() const noexcept { return lives_; }
  [[nodiscard]] const std::vector<Operation>& operations() const noexcept { return operations_; }

  /// Gives the operation its number; its other fields up to `size` are the caller's.
  std::uint32_t begin(Operation operation);
  void end(std::uint32_t number, const Result<>& result);
  void received(std::uint32_t life, const Frame& frame);
  /// The client is about to be destroyed: nothing more comes of what is under way.
  void crashed(std::uint32_t life, const ClientStats& stats);
  void left(std::uint32_t life, const ClientStats& stats);
  /// It takes no more operations; what it was subscribed to counts no longer.
  void leaving(std::uint32_t life);
  /// Everything that it had sent by then on this connection has been handled.
  void fence(std::uint32_t life, std::uint32_t before, std::uint32_t wire);

  void violate(std::string rule, std::string details);
  [[nodiscard]] const std::optional<Violation>& violation() const noexcept { return violation_; }

  /// Whether the frame may reach that client at all, by its name and patterns.
  [[nodiscard]] bool may_reach(const Operation& operation, const LifeRecord& receiver) const;
  [[nodiscard]] std::string describe(const Operation& operation) const;
  /// As often as a frame of it may have been put on a connection.
  [[nodiscard]] std::uint64_t most_copies(const Operation& operation) const;

 private:
  Stamp stamp() noexcept { return ++stamps_; }
  [[nodiscard]] bool must_reach(const Operation& operation, const LifeRecord& receiver) const;
  void expect(Operation& operation);
  void note_topics(const Operation& operation, Stamp at, std::vector<Interval> PatternRecord::* opened,
                   std::vector<Interval> PatternRecord::* closed);
  void check_payload(const LifeRecord& receiver, const Operation& operation, const Frame& frame);
  void check_order(LifeRecord& receiver, Operation& operation);

  Trace& trace_;
  const StandingOf standing_of_;
  Stamp stamps_ = 0;
  std::vector<LifeRecord> lives_;
  std::vector<Operation> operations_;  // by number, less one
  std::optional<Violation> violation_;
};

}  // namespace busrt::simulation
