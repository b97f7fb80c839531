// What one client gets of another, with an end to wait for.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ack_codes.hpp"
#include "busrt_testing/wire_client.hpp"

namespace busrt {

/// What `receiver` (registered under `name`) gets from `sender` up to now. A sender's frames keep their
/// order, so a last message marks the end, whichever shards the two live on.
inline std::vector<busrt_testing::Received> frames_between(busrt_testing::WireClient& sender,
                                                           busrt_testing::WireClient& receiver,
                                                           std::string_view name) {
  EXPECT_EQ(sender.confirmed(Op::message, name, "end"), ok);
  std::vector<busrt_testing::Received> frames;
  for (;;) {
    busrt_testing::Received frame = receiver.next_data();
    if (frame.kind == FrameKind::message && frame.payload == "end") return frames;
    // The broker's own announcements are not the sender's.
    if (frame.sender != broker_name) frames.push_back(std::move(frame));
  }
}

inline std::vector<std::string> topics_of(const std::vector<busrt_testing::Received>& frames) {
  std::vector<std::string> topics;
  for (const busrt_testing::Received& frame : frames) topics.push_back(frame.topic);
  return topics;
}

}  // namespace busrt
