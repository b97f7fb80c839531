#include "books.hpp"

#include <algorithm>
#include <string>

namespace busrt::simulation {

namespace {

std::uint64_t lost_by(const BrokerBooks& books, LossCause cause) {
  return books.stats.lost[static_cast<std::size_t>(cause)];
}
std::uint64_t lost_queued(const BrokerBooks& books) {
  return lost_by(books, LossCause::receiver_closed) + lost_by(books, LossCause::slow_consumer);
}
std::uint64_t lost_for_room(const BrokerBooks& books) {
  return lost_by(books, LossCause::realtime_queue_full) + lost_by(books, LossCause::queue_full);
}
std::uint64_t count(std::span<const SeenFrame> frames, bool SeenFrame::* which) {
  return static_cast<std::uint64_t>(std::ranges::count(frames, true, which));
}
std::string number(std::uint64_t value) {
  return std::to_string(value);
}

}  // namespace

void Books::check() {
  missing_.assign(brokers_.size(), {});
  look_through_operations();
  for (std::size_t broker = 0; broker < brokers_.size(); ++broker) {
    check_input(broker);
    check_output(broker);
    check_missing(broker);
  }
  for (const LifeRecord& life : oracle_.lives()) check_client(life);
}

// ---- at least once ----

void Books::look_through_operations() {
  for (const Operation& operation : oracle_.operations()) {
    for (const Presence& presence : operation.expected) look_for(operation, presence);
  }
}

bool Books::was_written(const Wire& wire, std::uint32_t operation) const {
  return std::ranges::find(wire.down.tap().frames(), operation, &SeenFrame::operation) !=
         wire.down.tap().frames().end();
}

void Books::look_for(const Operation& operation, const Presence& presence) {
  if (operation.copies_at(presence.life) != 0) return;
  const LifeRecord& receiver = oracle_.lives()[presence.life];
  const Wire& wire = network_.wire(presence.wire);
  const bool to_the_end = std::ranges::find(whole_, presence.wire) != whole_.end();
  const bool written = was_written(wire, operation.number);
  if (!written) {
    Missing& missing = missing_[wire.broker];
    if (is_realtime(operation.qos) || rule_ == SlowConsumer::drop) {
      ++missing.dropped;
      return;
    }
    ++missing.never_written;
    if (!to_the_end) return;
  } else if (!to_the_end) {
    return;  // destroyed on its way, or with its receiver
  }
  oracle_.violate("at_least_once", "life " + number(receiver.number) + ", " + receiver.name + ", by wire " +
                                       number(wire.number) + (written ? ", to which it was written," : "") +
                                       " never received " + oracle_.describe(operation));
}

// ---- the broker's numbers ----

/// What a broker read is what it handled, and what it says it could not route any more.
void Books::check_input(std::size_t broker) {
  std::uint64_t read = 0;
  for (const auto& wire : network_.wires()) {
    if (wire->broker == broker) read += wire->up.tap().within(wire->up.consumed()).size();
  }
  const BrokerBooks& books = brokers_[broker];
  const std::uint64_t told = books.stats.frames_in + lost_by(books, LossCause::sender_closed);
  // A crash takes with it what a session had read and was held with.
  if (told == read || (books.crashed && told < read)) return;
  oracle_.violate("books", "broker " + number(broker) + " read " + number(read) + " frames; it counted " +
                               number(books.stats.frames_in) + " in and " +
                               number(lost_by(books, LossCause::sender_closed)) + " as sender_closed");
}

/// What a broker queued is what it wrote, and what it says was still queued when a connection ended.
void Books::check_output(std::size_t broker) {
  std::uint64_t written = 0;
  std::uint64_t acks = 0;
  for (const auto& wire : network_.wires()) {
    if (wire->broker != broker) continue;
    written += count(wire->down.tap().frames(), &SeenFrame::data);
    acks += count(wire->up.tap().within(wire->up.consumed()), &SeenFrame::wants_ack);
  }
  const BrokerBooks& books = brokers_[broker];
  const std::uint64_t unrouted = lost_by(books, LossCause::sender_closed);
  // By the rule that disconnects, slow_consumer also counts frames that were never queued.
  const std::uint64_t never_queued =
      rule_ == SlowConsumer::disconnect ? lost_by(books, LossCause::slow_consumer) : 0;
  const std::uint64_t queued = books.stats.frames_out + books.lost_after_close;
  const std::uint64_t most = written + acks + lost_queued(books);
  const std::uint64_t least = most - std::min(most, unrouted + never_queued);
  if (books.crashed ? queued + unrouted + never_queued >= written : least <= queued && queued <= most) return;
  oracle_.violate("books", "broker " + number(broker) + " queued " + number(queued) + " frames; " +
                               number(written) + " were written, " + number(acks) + " acks were asked for, " +
                               number(lost_queued(books)) + " are counted as lost");
}

/// All that was in a crashed broker's queues, and its sessions: nobody could count it.
std::uint64_t Books::held_at_crash(std::size_t broker) const {
  if (!brokers_[broker].crashed) return 0;
  std::uint64_t written = 0;
  for (const auto& wire : network_.wires()) {
    if (wire->broker == broker) written += count(wire->down.tap().frames(), &SeenFrame::data);
  }
  const BrokerBooks& books = brokers_[broker];
  const std::uint64_t queued = books.stats.frames_out + books.lost_after_close;
  return queued - std::min(queued, written);
}

/// Who was there and did not get a frame is in the counts.
void Books::check_missing(std::size_t broker) {
  const BrokerBooks& books = brokers_[broker];
  const Missing& missing = missing_[broker];
  const std::uint64_t counted = lost_queued(books) + lost_for_room(books) + held_at_crash(broker);
  if (missing.never_written + missing.dropped <= counted &&
      missing.never_written <= lost_queued(books) + held_at_crash(broker)) {
    return;
  }
  oracle_.violate("books", "broker " + number(broker) + " did not write " + number(missing.never_written) +
                               " frames whose receiver left and " + number(missing.dropped) +
                               " that may have found no room; it counted " + number(lost_queued(books)) +
                               " and " + number(lost_for_room(books)));
}

// ---- a client's numbers ----

void Books::check_client(const LifeRecord& life) {
  if (life.crashed) return;
  const ClientStats& stats = life.last_stats;
  std::uint64_t sent = 0;
  std::uint64_t arrived = 0;
  for (const auto& wire : network_.wires()) {
    if (wire->life != life.number) continue;
    for (const SeenFrame& frame : wire->up.tap().frames()) sent += frame.data && !frame.wants_ack ? 1U : 0U;
    arrived += count(wire->down.tap().within(wire->down.consumed()), &SeenFrame::data);
  }
  const std::uint64_t lost =
      stats.lost_by(ClientLoss::unacked_cut) + stats.lost_by(ClientLoss::unacked_closed);
  if (life.accepted_without_ack != sent + lost) {
    oracle_.violate("books", "life " + number(life.number) + " took " + number(life.accepted_without_ack) +
                                 " frames without ack; " + number(sent) + " were written, " + number(lost) +
                                 " are counted as lost");
  }
  // What a client has read when it lets a connection go for another reason goes with that connection.
  const bool all =
      stats.connections == 1 && std::ranges::find(whole_, network_.latest_of(life.number)) != whole_.end();
  if (stats.frames_in > arrived || (stats.frames_in < arrived && all)) {
    oracle_.violate("books", "life " + number(life.number) + " read " + number(arrived) +
                                 " frames, and counts " + number(stats.frames_in));
  }
  if (life.received != stats.frames_in) {
    oracle_.violate("books", "life " + number(life.number) + " was given " + number(life.received) +
                                 " frames of " + number(stats.frames_in) + " that came");
  }
}

}  // namespace busrt::simulation
