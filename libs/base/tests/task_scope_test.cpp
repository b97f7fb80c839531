// A task's exception reaches the scope's handler; close() ends what runs, and join() waits for it.
#include "busrt/base/task_scope.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <stdexcept>
#include <vector>

#include "busrt/base/main_task.hpp"

namespace busrt::base {
namespace {

namespace asio = boost::asio;

asio::awaitable<void> throw_it() {
  throw std::runtime_error("no such thing");
  co_return;
}
asio::awaitable<void> throw_a_number() {
  throw 7;
  co_return;
}
asio::awaitable<void> turn(int& turns) {
  co_await asio::post(asio::use_awaitable);
  ++turns;
}
asio::awaitable<void> wait_for_ever() {
  asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
  co_await timer.async_wait(asio::use_awaitable);
}
asio::awaitable<void> close_and_join(TaskScope& scope, bool& joined) {
  scope.close();
  co_await scope.join();
  joined = true;
}
asio::awaitable<void> join(TaskScope& scope, bool& joined) {
  co_await scope.join();
  joined = true;
}

class TaskScopeTest : public ::testing::Test {
 protected:
  asio::io_context io_{1};
  std::vector<std::string> faults_;
  TaskScope scope_{io_.get_executor(), [this](std::string_view task, std::string_view what) {
                     faults_.push_back(std::string(task) + ": " + std::string(what));
                   }};
};

TEST_F(TaskScopeTest, AnExceptionReachesTheHandlerWithTheTasksName) {
  EXPECT_TRUE(scope_.spawn("first", throw_it()));
  EXPECT_TRUE(scope_.spawn("second", throw_a_number()));
  EXPECT_EQ(scope_.running(), 2U);
  io_.run();
  EXPECT_EQ(faults_,
            (std::vector<std::string>{"first: no such thing", "second: an exception of unknown type"}));
  EXPECT_EQ(scope_.running(), 0U);
}

TEST_F(TaskScopeTest, JoinCompletesWhenEveryTaskHasEnded) {
  int turns = 0;
  for (int i = 0; i < 10; ++i) scope_.spawn("turn", turn(turns));
  bool joined = false;
  auto done = asio::co_spawn(io_, join(scope_, joined), asio::use_future);
  io_.run();
  EXPECT_TRUE(joined);
  EXPECT_EQ(turns, 10);
  EXPECT_TRUE(faults_.empty());
}

TEST_F(TaskScopeTest, CloseCancelsWhatRunsAndTakesNothingNew) {
  scope_.spawn("waiting", wait_for_ever());
  io_.poll();
  bool joined = false;
  auto done = asio::co_spawn(io_, close_and_join(scope_, joined), asio::use_future);
  io_.restart();
  io_.run();
  EXPECT_TRUE(joined);
  EXPECT_TRUE(faults_.empty()) << "a cancelled task has no fault";
  EXPECT_FALSE(scope_.spawn("late", throw_it()));
  EXPECT_EQ(scope_.running(), 0U);
}

TEST_F(TaskScopeTest, ATaskThatThrowsAfterItWasCancelledHasAFault) {
  scope_.spawn("stubborn", [](TaskScope& scope) -> asio::awaitable<void> {
    scope.close();
    throw std::runtime_error("on the way out");
    co_return;
  }(scope_));
  io_.run();
  EXPECT_EQ(faults_, (std::vector<std::string>{"stubborn: on the way out"}));
}

TEST_F(TaskScopeTest, ATaskThatHasNotBegunWhenTheScopeClosesNeverBegins) {
  int turns = 0;
  scope_.spawn("late", turn(turns));
  bool joined = false;
  auto done = asio::co_spawn(io_, close_and_join(scope_, joined), asio::use_future);
  scope_.close();
  io_.run();
  EXPECT_TRUE(joined);
  EXPECT_EQ(turns, 0);
  EXPECT_TRUE(faults_.empty());
}

TEST_F(TaskScopeTest, ATaskMayStartAnother) {
  int turns = 0;
  scope_.spawn("outer", [](TaskScope& scope, int& count) -> asio::awaitable<void> {
    scope.spawn("inner", turn(count));
    co_return;
  }(scope_, turns));
  io_.run();
  EXPECT_EQ(turns, 1);
}

asio::awaitable<int> code_or_throw(int code) {
  co_await asio::post(asio::use_awaitable);
  if (code < 0) throw std::runtime_error("the program's fault");
  co_return code;
}

TEST(MainTask, ItsValueIsTheResultAndItsExceptionIsNotLost) {
  asio::io_context io(1);
  EXPECT_EQ(run_main_task(io, code_or_throw(3)), 3);
  // Other work, such as a wait for signals, does not hold the exception up.
  asio::io_context busy(1);
  asio::steady_timer for_ever(busy, asio::steady_timer::time_point::max());
  for_ever.async_wait([](const boost::system::error_code&) {});
  EXPECT_THROW(static_cast<void>(run_main_task(busy, code_or_throw(-1))), std::runtime_error);
}

}  // namespace
}  // namespace busrt::base
