// The service that holds the state directory.
#include "state/state_directory.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>

#include "status/status_report.hpp"
#include "temporary_directory.hpp"

namespace daemoneye_agent {
namespace {

namespace asio = boost::asio;

class StateDirectoryTest : public ::testing::Test {
 protected:
  StateDirectory make(const std::string& origin = "--state-dir") {
    return StateDirectory({path(), origin}, Logger([this](busrt::base::LogLevel, std::string_view line) {
                            lines_.emplace_back(line);
                          }));
  }
  [[nodiscard]] std::filesystem::path path() const { return directory_.path() / "state"; }
  template <class T>
  T run(asio::awaitable<T> work) {
    asio::io_context io;
    auto result = asio::co_spawn(io, std::move(work), asio::use_future);
    io.run();
    return result.get();
  }
  boost::json::object report(StateDirectory& service) {
    StatusReport report("agent");
    run(service.report(report));
    return report.take();
  }

  TemporaryDirectory directory_;
  std::vector<std::string> lines_;
};

TEST_F(StateDirectoryTest, IsHeldByOneAgentUntilThatStops) {
  auto first = make();
  auto second = make();
  ASSERT_TRUE(run(first.start()));
  EXPECT_TRUE(std::filesystem::exists(path() / "agent.lock"));
  const auto refused = run(second.start());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("another agent (pid " + std::to_string(::getpid()) + ")"),
            std::string::npos)
      << refused.error().message;
  run(first.stop({}));
  EXPECT_TRUE(run(second.start()));
}

TEST_F(StateDirectoryTest, ItsPlaceIsInTheReport) {
  auto service = make();
  ASSERT_TRUE(run(service.start()));
  const auto said = report(service);
  EXPECT_EQ(said.at("agent").at("state_dir").as_string(), path().string());
  EXPECT_TRUE(said.at("well").as_bool());
}

TEST_F(StateDirectoryTest, AFileInItsPlaceIsAMistakeAndNoStorageFailure) {
  std::filesystem::create_symlink("/dev/null", path());
  auto service = make();
  const auto held = run(service.start());
  ASSERT_FALSE(held);
  EXPECT_NE(held.error().describe().find("is no directory"), std::string::npos) << held.error().describe();
}

TEST_F(StateDirectoryTest, AnOpenDefaultDirectoryIsWarnedOfAndANamedOneIsNot) {
  std::filesystem::create_directory(path());
  ASSERT_EQ(::chmod(path().c_str(), 0755), 0);
  {
    auto named = make("--state-dir");
    ASSERT_TRUE(run(named.start()));
    EXPECT_TRUE(lines_.empty());
  }
  auto standard = make("default");
  ASSERT_TRUE(run(standard.start()));
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_NE(lines_.front().find("mode 0755"), std::string::npos) << lines_.front();
}

}  // namespace
}  // namespace daemoneye_agent
