// How received frames reach the application, and when the client stops reading.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "client/inbox.hpp"
#include "completions.hpp"

namespace busrt::detail {
namespace {

constexpr std::size_t max_frames = 4;

struct CountingListener final : FrameListener {
  void frames_ready() override { ++ready; }
  void connection_ended(const Error&) override {}
  int ready = 0;
};

class InboxTest : public testing::Test {
 protected:
  /// A read brings frames with these payloads. The payloads must outlive the test.
  void deliver(std::initializer_list<std::string_view> payloads) {
    Batch batch;
    for (const std::string_view payload : payloads) {
      batch.frames.emplace_back(FrameKind::message, false, "s", "", as_bytes(payload), nullptr);
      batch.frame_bytes += 1 + payload.size();
    }
    Inbox::Handover handover;
    inbox.deliver(batch, handover);
    handover.run();
    completions.run();
  }
  std::string take() {
    Frame frame;
    return inbox.take(frame) ? std::string(frame.text()) : "none";
  }

  Completions completions;
  std::vector<Result<Frame>> received;
  std::vector<Result<std::vector<Frame>>> batches;
  Inbox inbox{max_frames, 1000};
};

TEST_F(InboxTest, FramesWaitInOrder) {
  deliver({"a", "b"});
  deliver({"c"});
  EXPECT_EQ(inbox.size(), 3U);
  EXPECT_EQ(take(), "a");
  auto done = completions.into(received);
  EXPECT_TRUE(inbox.receive(done));
  auto all = completions.into(batches);
  EXPECT_TRUE(inbox.receive(all));
  completions.run();
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(received[0]->text(), "b");
  ASSERT_EQ(batches.size(), 1U);
  ASSERT_EQ(batches[0]->size(), 1U);
  EXPECT_EQ(batches[0]->front().text(), "c");
  EXPECT_EQ(take(), "none");
}

TEST_F(InboxTest, APendingReceiveGetsTheFirstFrameAndTheRestWaits) {
  auto done = completions.into(received);
  ASSERT_FALSE(inbox.receive(done));
  inbox.wait(std::move(done));
  deliver({"a", "b"});
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(received[0]->text(), "a");
  EXPECT_EQ(take(), "b");
}

TEST_F(InboxTest, APendingReceiveOfSeveralGetsAllOfThem) {
  auto done = completions.into(batches);
  ASSERT_FALSE(inbox.receive(done));
  inbox.wait(std::move(done));
  deliver({"a", "b"});
  ASSERT_EQ(batches.size(), 1U);
  EXPECT_EQ(batches[0]->size(), 2U);
  EXPECT_TRUE(inbox.empty());
}

TEST_F(InboxTest, ASecondReceiveIsBusy) {
  inbox.wait(completions.into(batches));
  auto second = completions.into(received);
  EXPECT_TRUE(inbox.receive(second));
  completions.run();
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(received[0].error().code, errc::busy);
}

TEST_F(InboxTest, AReceiveIsCancelledByItsOwnTicketAlone) {
  const auto ticket = inbox.next_ticket();
  inbox.wait(completions.into(received));
  inbox.cancel(ticket + 1);
  completions.run();
  EXPECT_TRUE(received.empty());
  inbox.cancel(ticket);
  completions.run();
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(received[0].error().code, std::make_error_code(std::errc::operation_canceled));
  // The frame that comes afterwards waits for the next receive.
  deliver({"a"});
  EXPECT_EQ(take(), "a");
}

TEST_F(InboxTest, AListenerIsCalledAndTakesTheFramesItself) {
  const auto listener = std::make_shared<CountingListener>();
  inbox.set_listener(listener);
  deliver({"a", "b"});
  EXPECT_EQ(listener->ready, 1);
  EXPECT_EQ(inbox.listener(), listener);
  EXPECT_EQ(take(), "a");
}

TEST_F(InboxTest, AListenerThatIsGoneIsNotCalled) {
  inbox.set_listener(std::make_shared<CountingListener>());
  deliver({"a"});
  EXPECT_EQ(inbox.listener(), nullptr);
  EXPECT_EQ(inbox.size(), 1U);
}

TEST_F(InboxTest, AFullQueuePausesReadingUntilItIsHalfEmpty) {
  deliver({"a", "b", "c"});
  EXPECT_FALSE(inbox.pause_reading_if_full(true));
  deliver({"d"});
  EXPECT_TRUE(inbox.pause_reading_if_full(true));
  EXPECT_EQ(take(), "a");
  EXPECT_FALSE(inbox.resume_reading());
  EXPECT_EQ(take(), "b");
  EXPECT_TRUE(inbox.resume_reading());
  // Only once.
  EXPECT_FALSE(inbox.resume_reading());
}

TEST_F(InboxTest, AConnectionThatEndsIsNotPaused) {
  deliver({"a", "b", "c", "d"});
  EXPECT_FALSE(inbox.pause_reading_if_full(false));
  EXPECT_TRUE(inbox.pause_reading_if_full(true));
  inbox.connection_closed();
  EXPECT_FALSE(inbox.reading_paused());
}

TEST_F(InboxTest, TheEndIsAnErrorOfThePendingReceive) {
  inbox.wait(completions.into(received));
  inbox.fail_pending({errc::io, "gone"});
  inbox.connections_ended({errc::io, "gone"});
  completions.run();
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(received[0].error().message, "gone");
  EXPECT_EQ(inbox.why_ended().message, "gone");
}

}  // namespace
}  // namespace busrt::detail
