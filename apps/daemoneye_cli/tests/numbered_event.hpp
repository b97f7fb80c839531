// An event for tests that look at its number alone.
#pragma once

#include <cstdint>

#include "daemoneye/events/event.hpp"

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

}  // namespace daemoneye_cli
