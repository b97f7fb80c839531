// busrtd.exe and busrt.exe against each other, over a named pipe.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "busrt_testing/test_address.hpp"
#include "busrt_testing/wire_client.hpp"
#include "program.hpp"

namespace windows_tests {
namespace {

bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + busrt_testing::patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

class Programs : public testing::Test {
 protected:
  [[nodiscard]] Ran busrt(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {BUSRT_PROGRAM, address});
    return run(arguments);
  }
  void start_server() {
    server = std::make_unique<Program>(std::vector<std::string>{BUSRTD_PROGRAM, "-B", address, "--verbose"});
    ASSERT_TRUE(eventually([this] { return says(*server, "BUS/RT broker started"); })) << server->output();
  }
  static bool says(Program& program, std::string_view text) {
    return program.output().find(text) != std::string::npos;
  }

  const busrt_testing::TemporaryDirectory directory;
  const std::string address = busrt_testing::ipc_address_in(directory.path());
  std::unique_ptr<Program> server;
};

TEST_F(Programs, TheServerServesTheCommandLine) {
  start_server();
  const Ran test = busrt({"broker", "test"});
  EXPECT_EQ(test.exit_code, 0U) << test.output;
  EXPECT_NE(test.output.find("\"ok\": true"), std::string::npos) << test.output;
  const Ran stats = busrt({"broker", "stats"});
  EXPECT_EQ(stats.exit_code, 0U) << stats.output;
  const Ran call = busrt({"-s", "rpc", "call", ".broker", "test"});
  EXPECT_EQ(call.exit_code, 0U) << call.output;
  EXPECT_EQ(call.output, "{\"ok\":true}\n");
}

TEST_F(Programs, AListenerGetsWhatIsPublished) {
  start_server();
  Program listener({BUSRT_PROGRAM, address, "-n", "listener", "listen", "-t", "news/#"});
  ASSERT_TRUE(eventually([&] { return says(listener, "Listening to messages"); })) << listener.output();
  const Ran list = busrt({"broker", "client.list"});
  EXPECT_NE(list.output.find("listener"), std::string::npos) << list.output;
  const Ran published = busrt({"publish", "news/today", "hello from windows"});
  EXPECT_EQ(published.exit_code, 0U) << published.output;
  EXPECT_TRUE(eventually([&] { return says(listener, "hello from windows"); })) << listener.output();
  EXPECT_TRUE(says(listener, "news/today")) << listener.output();
}

TEST_F(Programs, TheBenchmarkRuns) {
  start_server();
  const Ran benchmark = busrt({"benchmark", "-w", "2", "-i", "2000"});
  EXPECT_EQ(benchmark.exit_code, 0U) << benchmark.output;
  EXPECT_NE(benchmark.output.find("send+recv.qos.processed"), std::string::npos) << benchmark.output;
}

TEST_F(Programs, ASecondServerOfTheSameNameIsRefused) {
  start_server();
  const Ran second = run({BUSRTD_PROGRAM, "-B", address});
  EXPECT_EQ(second.exit_code, 1U);
  EXPECT_NE(second.output.find(address), std::string::npos) << second.output;
  EXPECT_NE(second.output.find("another process listens"), std::string::npos) << second.output;
}

TEST_F(Programs, WithoutAServerTheCommandLineSaysSo) {
  const Ran test = busrt({"broker", "test"});
  EXPECT_EQ(test.exit_code, 1U);
  EXPECT_NE(test.output.find("cannot connect to"), std::string::npos) << test.output;
}

TEST_F(Programs, WhatWindowsDoesNotHaveIsRefusedByName) {
  const struct {
    std::vector<std::string> arguments;
    unsigned long exit_code;
    std::string said;
  } table[] = {
      {{"-B", address, "-D"}, 2, "-D"},
      {{"-B", address, "--log-syslog"}, 2, "--log-syslog"},
      {{"-B", "/tmp/bus.sock"}, 2, "expected ipc://NAME"},
      {{"-B", "fifo:/tmp/fifo"}, 1, "there are no fifos on Windows"},
      {{"-B", "127.0.0.1:7777"}, 1, "named pipes alone"},
  };
  for (auto row : table) {
    row.arguments.insert(row.arguments.begin(), BUSRTD_PROGRAM);
    const Ran refused = run(row.arguments);
    EXPECT_EQ(refused.exit_code, row.exit_code) << refused.output;
    EXPECT_NE(refused.output.find(row.said), std::string::npos) << refused.output;
  }
}

TEST_F(Programs, TheServerEndsInOrderWhenItsConsoleIsInterrupted) {
  // The console is shared with the server, which is in a group of its own that alone gets the event.
  if (::GetConsoleCP() == 0 && ::AllocConsole() == 0) GTEST_SKIP() << "no console is to be had here";
  start_server();
  ASSERT_TRUE(server->interrupt()) << busrt::transport::system_message(::GetLastError());
  EXPECT_EQ(server->wait(), 0U) << server->output();
  EXPECT_TRUE(says(*server, "Ctrl-Break: shutting down")) << server->output();
  EXPECT_TRUE(says(*server, "stopped")) << server->output();
}

}  // namespace
}  // namespace windows_tests
