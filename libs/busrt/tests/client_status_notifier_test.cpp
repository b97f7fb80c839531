// How changes of a client's status reach callers that wait, and the handler.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <stdexcept>
#include <vector>

#include "client/status_notifier.hpp"

namespace busrt::detail {
namespace {

class StatusNotifierTest : public testing::Test {
 protected:
  void set(ConnectionState state) {
    ConnectionStatus next;
    next.state = state;
    notifier.set(std::move(next));
  }
  void wait(std::uint64_t seen) {
    notifier.wait(seen, StatusNotifier::Waiter(context.get_executor(), [this](Result<ConnectionStatus> got) {
                    waited.push_back(std::move(got));
                  }));
  }
  void run() {
    context.restart();
    context.poll();
  }

  boost::asio::io_context context;
  StatusNotifier notifier{context.get_executor()};
  std::vector<Result<ConnectionStatus>> waited;
  std::vector<ConnectionState> handled;
};

TEST_F(StatusNotifierTest, EachChangeHasTheNextVersion) {
  EXPECT_EQ(notifier.status().version, 0U);
  set(ConnectionState::connecting);
  set(ConnectionState::connected);
  EXPECT_EQ(notifier.status().version, 2U);
  EXPECT_EQ(notifier.status().state, ConnectionState::connected);
}

TEST_F(StatusNotifierTest, ACallerThatWaitsGetsTheNextChangeOrTheOneThatItHasMissed) {
  wait(0);
  run();
  EXPECT_TRUE(waited.empty());
  set(ConnectionState::connecting);
  run();
  ASSERT_EQ(waited.size(), 1U);
  EXPECT_EQ(waited[0]->state, ConnectionState::connecting);
  wait(0);
  run();
  EXPECT_EQ(waited.size(), 2U);
}

TEST_F(StatusNotifierTest, TheHandlerGetsEveryChangeInOrderAndNeverAtOnce) {
  notifier.set_handler([this](const ConnectionStatus& status) { handled.push_back(status.state); });
  set(ConnectionState::connecting);
  set(ConnectionState::connected);
  EXPECT_TRUE(handled.empty());
  run();
  EXPECT_EQ(handled, (std::vector{ConnectionState::connecting, ConnectionState::connected}));
}

TEST_F(StatusNotifierTest, AHandlerThatThrowsGetsTheNextChangeAllTheSame) {
  notifier.set_handler([this](const ConnectionStatus& status) {
    handled.push_back(status.state);
    if (status.state == ConnectionState::connecting) throw std::runtime_error("broken handler");
  });
  set(ConnectionState::connecting);
  set(ConnectionState::connected);
  EXPECT_THROW(run(), std::runtime_error);
  run();
  EXPECT_EQ(handled.size(), 2U);
}

TEST_F(StatusNotifierTest, ARemovedHandlerIsNotCalledAndNoChangeFollowsTheClose) {
  notifier.set_handler([this](const ConnectionStatus& status) { handled.push_back(status.state); });
  set(ConnectionState::connected);
  notifier.remove_handler();
  notifier.close();
  set(ConnectionState::connecting);
  run();
  EXPECT_TRUE(handled.empty());
  EXPECT_EQ(notifier.status().state, ConnectionState::closed);
  wait(notifier.status().version);
  run();
  ASSERT_EQ(waited.size(), 1U);
  EXPECT_EQ(waited[0].error().code, errc::closed);
}

}  // namespace
}  // namespace busrt::detail
