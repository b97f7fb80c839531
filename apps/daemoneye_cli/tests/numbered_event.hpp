// Events for tests that look at their numbers alone.
#pragma once

#include <cstdint>

#include "daemoneye/events/event.hpp"
#include "daemoneye/events/loss.hpp"

namespace daemoneye_cli {

inline daemoneye::events::Event numbered(std::uint64_t seq, std::uint64_t epoch = 1) {
  daemoneye::events::Event event;
  event.collector = "procmond";
  event.epoch = epoch;
  event.seq = seq;
  event.domain = "process";
  event.kind = "exec";
  return event;
}

/// A record of three lost events.
inline daemoneye::events::Event loss(std::uint64_t seq) {
  auto event = numbered(seq);
  event.kind = daemoneye::events::loss_kind;
  event.data = {{"count", 3}, {"cause", "queue_full"}};
  return event;
}

}  // namespace daemoneye_cli
