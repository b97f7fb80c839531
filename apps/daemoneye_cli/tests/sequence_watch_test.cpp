// What the watcher says it missed.
#include "sequence_watch.hpp"

#include <gtest/gtest.h>

#include "numbered_event.hpp"

namespace daemoneye_cli {
namespace {

TEST(SequenceWatch, BeginsWhereItBegins) {
  SequenceWatch watch(true);
  EXPECT_FALSE(watch.take(numbered(500)).hole);
  EXPECT_FALSE(watch.take(numbered(501)).hole);
  EXPECT_EQ(watch.losses(), "");
}

TEST(SequenceWatch, AnotherRunHasItsOwnNumbersAndAnOpenEndBehindIt) {
  SequenceWatch watch(true);
  EXPECT_FALSE(watch.take(numbered(500)).new_run);
  const auto step = watch.take(numbered(1, 2));
  EXPECT_TRUE(step.new_run);
  EXPECT_FALSE(step.end_known);
  EXPECT_FALSE(step.hole);
  EXPECT_FALSE(watch.ended_at("procmond", 2, 1));
  EXPECT_TRUE(watch.take(numbered(1, 3)).end_known);
  EXPECT_FALSE(watch.ended_at("procmond", 2, 9)) << "a run that is over twice";
  EXPECT_EQ(watch.losses(), "");
}

TEST(SequenceWatch, AHoleIsSaidOnceAndCounted) {
  SequenceWatch watch(true);
  static_cast<void>(watch.take(numbered(1)));
  EXPECT_EQ(watch.take(numbered(5)).hole, "3 events of procmond did not arrive here (numbers 2 to 4)");
  EXPECT_FALSE(watch.take(numbered(3)).hole) << "a late one";
  EXPECT_FALSE(watch.take(numbered(6)).hole);
  EXPECT_EQ(watch.missed(), 3U);
  EXPECT_EQ(watch.losses(), "3 did not arrive here");
}

TEST(SequenceWatch, WithANarrowPatternHolesMeanNothing) {
  SequenceWatch watch(false);
  static_cast<void>(watch.take(numbered(1)));
  EXPECT_FALSE(watch.take(numbered(5)).hole);
  EXPECT_EQ(watch.losses(), "");
}

TEST(SequenceWatch, LossRecordsAreSummed) {
  SequenceWatch watch(true);
  auto loss = numbered(1);
  loss.kind = "loss";
  loss.data = daemoneye::events::loss_data({7, "collector_queue_full", ""});
  static_cast<void>(watch.take(loss));
  static_cast<void>(watch.take(loss));
  loss.seq = 2;
  loss.data = daemoneye::events::loss_data({std::nullopt, "kernel_buffer_overflow", ""});
  static_cast<void>(watch.take(loss));
  EXPECT_EQ(watch.losses(), "7 lost by collectors, which say so; 1 loss record(s) of unknown size");
}

}  // namespace
}  // namespace daemoneye_cli
