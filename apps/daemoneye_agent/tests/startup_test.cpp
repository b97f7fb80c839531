// Start-up steps are undone in reverse, whichever of them fails.
#include "startup.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <stdexcept>

namespace daemoneye_agent {
namespace {

namespace asio = boost::asio;

Logger quiet() {
  return Logger([](busrt::base::LogLevel, std::string_view) {});
}

asio::awaitable<busrt::base::Result<>> do_step(std::vector<std::string>& trace, std::string name,
                                               bool fails) {
  trace.push_back("+" + name);
  if (fails) co_return busrt::base::fail(std::make_error_code(std::errc::io_error), "broken");
  co_return busrt::base::Result<>{};
}
asio::awaitable<busrt::base::Result<>> throw_step() {
  throw std::runtime_error("fault");
  co_return busrt::base::Result<>{};
}
asio::awaitable<void> undo_step(std::vector<std::string>& trace, std::string name) {
  trace.push_back("-" + name);
  co_return;
}

std::vector<Step> three_steps(std::vector<std::string>& trace, std::size_t failing) {
  std::vector<Step> steps;
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string name(1, static_cast<char>('a' + i));
    steps.push_back({name, [&trace, name, i, failing] { return do_step(trace, name, i == failing); },
                     [&trace, name] { return undo_step(trace, name); }});
  }
  return steps;
}

asio::awaitable<void> run(Startup& startup, busrt::base::Result<>& result, std::function<bool()> cancelled) {
  result = co_await startup.up(std::move(cancelled));
  co_await startup.down();
}

busrt::base::Result<> up_and_down(
    std::vector<Step> steps, std::function<bool()> cancelled = [] { return false; }) {
  asio::io_context io;
  Startup startup(std::move(steps), quiet());
  busrt::base::Result<> result;
  asio::co_spawn(io, run(startup, result, std::move(cancelled)), asio::detached);
  io.run();
  return result;
}

TEST(Startup, UndoesEverythingInReverse) {
  std::vector<std::string> trace;
  EXPECT_TRUE(up_and_down(three_steps(trace, 99)));
  EXPECT_EQ(trace, (std::vector<std::string>{"+a", "+b", "+c", "-c", "-b", "-a"}));
}

TEST(Startup, AFailedStepUndoesOnlyWhatWasDone) {
  const std::vector<std::vector<std::string>> expected = {
      {"+a"}, {"+a", "+b", "-a"}, {"+a", "+b", "+c", "-b", "-a"}};
  for (std::size_t failing = 0; failing < 3; ++failing) {
    std::vector<std::string> trace;
    const auto result = up_and_down(three_steps(trace, failing));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message, std::string(1, static_cast<char>('a' + failing)) + ": broken");
    EXPECT_EQ(trace, expected[failing]);
  }
}

TEST(Startup, AnExceptionIsAFailureOfItsStep) {
  std::vector<std::string> trace;
  auto steps = three_steps(trace, 99);
  steps[1].up = [] { return throw_step(); };
  const auto result = up_and_down(std::move(steps));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "b: fault");
  EXPECT_EQ(trace, (std::vector<std::string>{"+a", "-a"}));
}

TEST(Startup, AStopDuringStartUpBeginsNoFurtherStep) {
  std::vector<std::string> trace;
  const auto cancelled = [&trace] { return trace.size() >= 2; };
  EXPECT_TRUE(up_and_down(three_steps(trace, 99), cancelled));
  EXPECT_EQ(trace, (std::vector<std::string>{"+a", "+b", "-b", "-a"}));
}

}  // namespace
}  // namespace daemoneye_agent
