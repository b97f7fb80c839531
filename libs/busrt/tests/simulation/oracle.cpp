#include "oracle.hpp"

#include <algorithm>
#include <utility>

#include "busrt/delivery.hpp"
#include "matching.hpp"
#include "payload.hpp"

namespace busrt::simulation {

namespace {

/// The record of a pattern, made where there is none.
PatternRecord& record_of(std::vector<PatternRecord>& records, const std::string& pattern) {
  const auto found = std::ranges::find(records, pattern, &PatternRecord::pattern);
  if (found != records.end()) return *found;
  return records.emplace_back(PatternRecord{pattern, {}, {}});
}

void open(std::vector<Interval>& intervals, Stamp now) {
  if (intervals.empty() || intervals.back().to != never) intervals.push_back({now, never});
}
void close(std::vector<Interval>& intervals, Stamp now) {
  if (!intervals.empty() && intervals.back().to == never) intervals.back().to = now;
}

bool any(const std::vector<PatternRecord>& records, std::string_view topic,
         std::vector<Interval> PatternRecord::* when, auto holds) {
  return std::ranges::any_of(records, [&](const PatternRecord& record) {
    return std::ranges::any_of(record.*when, holds) && topic_matches(record.pattern, topic);
  });
}

template <class T>
T& at(std::vector<T>& values, std::size_t index) {
  if (values.size() <= index) values.resize(index + 1);
  return values[index];
}

}  // namespace

void Oracle::violate(std::string rule, std::string details) {
  if (violation_) return;
  trace_.add("a rule is violated");
  violation_ = Violation{std::move(rule), std::move(details)};
}

std::string Oracle::describe(const Operation& operation) const {
  return "operation " + std::to_string(operation.number) + " (" + std::string(to_string(operation.op)) +
         " to " + operation.target + (operation.receiver.empty() ? "" : " for " + operation.receiver) +
         ", QoS " + std::to_string(static_cast<int>(operation.qos)) + ", of life " +
         std::to_string(operation.life) + ", " + lives_[operation.life].name + ", " +
         (operation.ended == never ? std::string("not ended")
          : operation.result       ? operation.result.message()
                                   : std::string("done")) +
         ")";
}

std::uint32_t Oracle::new_life(std::string name) {
  const auto number = static_cast<std::uint32_t>(lives_.size());
  LifeRecord& life = lives_.emplace_back();
  life.number = number;
  life.name = std::move(name);
  return number;
}

// ---- operations ----

std::uint32_t Oracle::begin(Operation operation) {
  operation.number = static_cast<std::uint32_t>(operations_.size() + 1);
  operation.begun = stamp();
  LifeRecord& life = lives_[operation.life];
  const Standing standing = standing_of_(operation.life);
  operation.wire = standing.connected ? standing.wire : 0;
  operation.connections_before = standing.connections;
  if (operation.is_data()) {
    for (const LifeRecord& receiver : lives_) {
      if (receiver.ended) continue;
      const Standing there = standing_of_(receiver.number);
      if (there.connected && there.served)
        operation.present.push_back({receiver.number, there.wire, there.primary_wire});
    }
  } else {
    // From now on it may be in force, or no longer certainly so.
    note_topics(operation, operation.begun, &PatternRecord::possible, &PatternRecord::certain);
  }
  ++life.pending;
  trace_.add("operation {} begins: life {}, op {}, QoS {}", operation.number, operation.life,
             static_cast<int>(operation.op), static_cast<int>(operation.qos));
  operations_.push_back(std::move(operation));
  return operations_.back().number;
}

void Oracle::end(std::uint32_t number, const Result<>& result) {
  Operation& operation = operations_[number - 1];
  LifeRecord& life = lives_[operation.life];
  operation.ended = stamp();
  if (!result) operation.result = result.error().code;
  trace_.add("operation {} ends with {}", number, operation.result.value());
  --life.pending;
  const Standing standing = standing_of_(operation.life);
  operation.connections_after = standing.connections;
  if (!operation.is_data()) {
    if (result) note_topics(operation, operation.ended, &PatternRecord::certain, &PatternRecord::possible);
    return;
  }
  if (!result) {
    if (may_have_been_delivered(operation.result)) return;
    const auto copies = std::ranges::find_if(operation.copies, [](auto count) { return count != 0; });
    if (copies != operation.copies.end()) {
      violate("not_sent", describe(operation) + " had been received by life " +
                              std::to_string(copies - operation.copies.begin()));
    }
    return;
  }
  if (!wants_ack(operation.qos)) {
    ++life.accepted_without_ack;
    if (operation.wire != 0) life.unfenced.push_back(number);
    return;
  }
  expect(operation);
  if (standing.connected && standing.wire == operation.wire) fence(operation.life, number, operation.wire);
}

/// What subscribing and excluding opens, and their opposites close.
void Oracle::note_topics(const Operation& operation, Stamp at, std::vector<Interval> PatternRecord::* opened,
                         std::vector<Interval> PatternRecord::* closed) {
  LifeRecord& life = lives_[operation.life];
  const bool opens = operation.op == Op::subscribe || operation.op == Op::exclude;
  const bool excludes = operation.op == Op::exclude || operation.op == Op::unexclude;
  for (const std::string& pattern : operation.patterns) {
    PatternRecord& record = record_of(excludes ? life.excluded : life.subscribed, pattern);
    if (opens) {
      open(record.*opened, at);
    } else {
      close(record.*closed, at);
    }
  }
}

void Oracle::fence(std::uint32_t number, std::uint32_t before, std::uint32_t wire) {
  // What went over another connection is not known to have arrived, and never will be.
  std::erase_if(lives_[number].unfenced, [&](std::uint32_t each) {
    if (each >= before) return false;
    Operation& operation = operations_[each - 1];
    if (operation.wire == wire) expect(operation);
    return true;
  });
}

/// The broker has handled the operation by now: who has been there all the time must get it.
void Oracle::expect(Operation& operation) {
  for (const Presence& presence : operation.present) {
    const LifeRecord& receiver = lives_[presence.life];
    if (receiver.ended) continue;
    const Standing standing = standing_of_(presence.life);
    if (!standing.connected || !standing.served || standing.wire != presence.wire ||
        standing.primary_wire != presence.primary_wire) {
      continue;
    }
    if (must_reach(operation, receiver)) operation.expected.push_back(presence);
  }
}

bool Oracle::must_reach(const Operation& operation, const LifeRecord& receiver) const {
  switch (operation.op) {
    case Op::message:
      return operation.target == receiver.name;
    case Op::broadcast:
      return mask_matches(operation.target, receiver.name);
    default:
      break;
  }
  if (!operation.receiver.empty() && operation.receiver != primary_name(receiver.name)) return false;
  const Interval handled{operation.begun, stamps_};
  return any(receiver.subscribed, operation.target, &PatternRecord::certain,
             [&](const Interval& one) { return one.covers(handled); }) &&
         !any(receiver.excluded, operation.target, &PatternRecord::possible,
              [&](const Interval& one) { return one.overlaps(handled); });
}

bool Oracle::may_reach(const Operation& operation, const LifeRecord& receiver) const {
  switch (operation.op) {
    case Op::message:
      return operation.target == receiver.name;
    case Op::broadcast:
      return mask_matches(operation.target, receiver.name);
    default:
      break;
  }
  if (!operation.receiver.empty() && operation.receiver != primary_name(receiver.name)) return false;
  // Only an ack says that the broker handles the frame no more.
  const bool confirmed = wants_ack(operation.qos) && operation.ended != never && !operation.result;
  const Interval handled{operation.begun, confirmed ? operation.ended : never};
  return any(receiver.subscribed, operation.target, &PatternRecord::possible,
             [&](const Interval& one) { return one.overlaps(handled); }) &&
         !any(receiver.excluded, operation.target, &PatternRecord::certain,
              [&](const Interval& one) { return one.covers(handled); });
}

std::uint64_t Oracle::most_copies(const Operation& operation) const {
  if (!wants_ack(operation.qos)) return 1;
  const std::uint64_t after =
      operation.ended != never ? operation.connections_after : standing_of_(operation.life).connections;
  return after - operation.connections_before + 1;
}

// ---- frames ----

void Oracle::received(std::uint32_t number, const Frame& frame) {
  LifeRecord& receiver = lives_[number];
  ++receiver.received;
  if (frame.sender() == broker_name) {
    if (!frame.topic().starts_with(broker_topics))
      violate("phantom", "a frame of the broker's on a strange topic");
    trace_.add("life {} receives an announcement", number);
    return;
  }
  const std::uint32_t which = number_in(frame.payload());
  trace_.add("life {} receives operation {}", number, which);
  if (which == 0 || which > operations_.size() || !operations_[which - 1].is_data()) {
    violate("phantom", "life " + std::to_string(number) + " received a frame that nobody sent");
    return;
  }
  Operation& operation = operations_[which - 1];
  check_payload(receiver, operation, frame);
  check_order(receiver, operation);
}

void Oracle::check_payload(const LifeRecord& receiver, const Operation& operation, const Frame& frame) {
  const auto complain = [&](const char* what) {
    violate("phantom", "life " + std::to_string(receiver.number) + ", " + receiver.name + ": " + what +
                           " of " + describe(operation));
  };
  if (!std::ranges::equal(frame.payload(), payload_of(operation.number, operation.size)))
    complain("another payload");
  if (frame.sender() != lives_[operation.life].name) complain("another sender");
  if (frame.realtime() != is_realtime(operation.qos)) complain("another realtime flag");
  const bool publication = operation.op == Op::publish || operation.op == Op::publish_for;
  const FrameKind kind = publication                   ? FrameKind::publish
                         : operation.op == Op::message ? FrameKind::message
                                                       : FrameKind::broadcast;
  if (frame.kind() != kind) complain("another kind");
  if (frame.topic() != (publication ? std::string_view(operation.target) : std::string_view()))
    complain("another topic");
  if (!may_reach(operation, receiver)) complain("not the receiver");
  if (operation.ended != never && operation.result && !may_have_been_delivered(operation.result)) {
    violate("not_sent", describe(operation) + " is received by life " + std::to_string(receiver.number));
  }
}

void Oracle::check_order(LifeRecord& receiver, Operation& operation) {
  const auto complain = [&](const std::string& what) {
    violate("order", "life " + std::to_string(receiver.number) + ", " + receiver.name + ": " + what + ": " +
                         describe(operation));
  };
  std::uint16_t& copies = at(operation.copies, receiver.number);
  std::uint32_t& last = at(receiver.last_from, operation.life);
  ++copies;
  const std::uint64_t most = most_copies(operation);
  if (copies > most) {
    complain("copy " + std::to_string(copies) + " of at most " + std::to_string(most));
  } else if (operation.number <= last) {
    if (most < 2) {
      complain("after " + std::to_string(last) + " comes an earlier one, which cannot have been sent again");
    }
    std::uint32_t& repeats = at(receiver.repeats_of, operation.life);
    const LifeRecord& sender = lives_[operation.life];
    const std::uint64_t connections =
        sender.ended ? sender.last_stats.connections : standing_of_(operation.life).connections;
    if (++repeats >= std::max<std::uint64_t>(connections, 1)) {
      complain("numbers go back for the " + std::to_string(repeats) + "th time, with " +
               std::to_string(connections) + " connections of the sender");
    }
  }
  last = operation.number;
}

// ---- ends ----

void Oracle::leaving(std::uint32_t number) {
  LifeRecord& life = lives_[number];
  const Stamp now = stamp();
  for (PatternRecord& record : life.subscribed) close(record.certain, now);
}

void Oracle::crashed(std::uint32_t number, const ClientStats& stats) {
  LifeRecord& life = lives_[number];
  leaving(number);
  life.ended = life.crashed = true;
  life.last_stats = stats;
  for (Operation& operation : operations_) {
    if (operation.life != number || operation.ended != never) continue;
    operation.abandoned = true;
    operation.ended = stamp();
    operation.result = make_error_code(errc::closed);
    operation.connections_after = stats.connections;
  }
  life.pending = 0;
}

void Oracle::left(std::uint32_t number, const ClientStats& stats) {
  LifeRecord& life = lives_[number];
  life.ended = true;
  life.last_stats = stats;
}

}  // namespace busrt::simulation
