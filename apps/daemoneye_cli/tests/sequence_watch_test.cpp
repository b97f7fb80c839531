// What the watcher says it missed.
#include "sequence_watch.hpp"

#include <gtest/gtest.h>

namespace daemoneye_cli {
namespace {

collector_core::Event numbered(std::uint64_t seq, std::uint64_t epoch = 1) {
  collector_core::Event event;
  event.collector = "procmond";
  event.epoch = epoch;
  event.seq = seq;
  event.domain = "process";
  event.kind = "exec";
  return event;
}

TEST(SequenceWatch, BeginsWhereItBegins) {
  SequenceWatch watch(true);
  EXPECT_FALSE(watch.take(numbered(500)));
  EXPECT_FALSE(watch.take(numbered(501)));
  EXPECT_FALSE(watch.take(numbered(1, 2))) << "a new run has its own numbers";
  EXPECT_EQ(watch.summary(), "nothing was lost");
}

TEST(SequenceWatch, AHoleIsSaidOnceAndCounted) {
  SequenceWatch watch(true);
  static_cast<void>(watch.take(numbered(1)));
  EXPECT_EQ(watch.take(numbered(5)), "3 events of procmond did not arrive here (numbers 2 to 4)");
  EXPECT_FALSE(watch.take(numbered(3))) << "a late one";
  EXPECT_FALSE(watch.take(numbered(6)));
  EXPECT_EQ(watch.missed(), 3U);
  EXPECT_EQ(watch.summary(), "lost: 3 did not arrive here");
}

TEST(SequenceWatch, WithANarrowPatternHolesMeanNothing) {
  SequenceWatch watch(false);
  static_cast<void>(watch.take(numbered(1)));
  EXPECT_FALSE(watch.take(numbered(5)));
  EXPECT_EQ(watch.summary(), "no collector reported a loss");
}

TEST(SequenceWatch, LossRecordsAreSummed) {
  SequenceWatch watch(true);
  auto loss = numbered(1);
  loss.kind = "loss";
  loss.data = collector_core::loss_data({7, "collector_queue_full", ""});
  static_cast<void>(watch.take(loss));
  loss.seq = 2;
  loss.data = collector_core::loss_data({std::nullopt, "kernel_buffer_overflow", ""});
  static_cast<void>(watch.take(loss));
  EXPECT_EQ(watch.summary(), "lost: 7 lost by collectors, which say so; 1 loss record(s) of unknown size");
}

}  // namespace
}  // namespace daemoneye_cli
