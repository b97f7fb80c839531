// The queue's look-ahead.
#include "event_queue.hpp"

#include <gtest/gtest.h>

#include "fake_host.hpp"

namespace procmond {
namespace {

TEST(EventQueue, GivesEventsInOrder) {
  EventQueue queue(3);
  EXPECT_EQ(queue.room(), 3U);
  queue.push(fork_at(1, 1, 5));
  queue.push(exec_at(2, 5));
  EXPECT_EQ(queue.room(), 1U);
  EXPECT_EQ(queue.pop().kind, KernelEvent::Kind::fork);
  EXPECT_EQ(queue.pop().kind, KernelEvent::Kind::exec);
  EXPECT_TRUE(queue.empty());
}

TEST(EventQueue, KnowsWhatIsStillToCome) {
  EventQueue queue;
  queue.push(exec_at(1, 5));
  queue.push(exec_at(2, 5));
  queue.push(exit_at(3, 5));
  EXPECT_TRUE(queue.holds_exec(5));
  EXPECT_TRUE(queue.holds_exit(5));
  EXPECT_FALSE(queue.holds_exec(6));
  queue.pop();
  EXPECT_TRUE(queue.holds_exec(5));
  queue.pop();
  EXPECT_FALSE(queue.holds_exec(5));
  EXPECT_TRUE(queue.holds_exit(5));
  queue.pop();
  EXPECT_FALSE(queue.holds_exit(5));
}

TEST(EventQueue, TheEndOfAThreadIsNotTheEndOfItsProcess) {
  EventQueue queue;
  queue.push(of_thread(exit_at(1, 5), 6));
  EXPECT_FALSE(queue.holds_exit(5));
}

}  // namespace
}  // namespace procmond
