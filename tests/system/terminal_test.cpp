// What a terminal gets, whoever says it: a pseudo-terminal of a given width stands for one.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <boost/json/serialize.hpp>
#include <sstream>

#include "agent_process.hpp"
#include "busrt/base/terminal_text.hpp"
#include "busrt/blocking_client.hpp"
#include "busrt/broker.hpp"
#include "daemoneye/events/event.hpp"

namespace system_tests {
namespace {

/// C0, DEL, C1 in its two forms, a change of direction, a title of the window.
const std::string hostile =
    "\x1b]0;owned\x07\x1b[2J\x7f\xC2\x9B"
    "31m\xE2\x80\xAE"
    "evil";

class Terminal {
 public:
  explicit Terminal(unsigned short columns) : master_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    EXPECT_EQ(::grantpt(master_), 0);
    EXPECT_EQ(::unlockpt(master_), 0);
    std::array<char, 128> name{};
    EXPECT_EQ(::ptsname_r(master_, name.data(), name.size()), 0);
    name_ = name.data();
    // Held open, so that the other end does not fail between one program and the next.
    slave_ = ::open(name_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    const winsize size{.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    EXPECT_EQ(::ioctl(slave_, TIOCSWINSZ, &size), 0);
  }
  ~Terminal() {
    ::close(slave_);
    ::close(master_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// A shell line whose streams are this terminal, without colours.
  [[nodiscard]] std::vector<std::string> run(const std::string& line) const {
    return {"/bin/sh", "-c", "exec env NO_COLOR=1 " + line + " >" + name_ + " 2>&1"};
  }
  /// All that has been shown so far.
  const std::string& shown() {
    pollfd more{master_, POLLIN, 0};
    std::array<char, 65536> bytes{};
    while (::poll(&more, 1, 0) == 1) {
      const ssize_t count = ::read(master_, bytes.data(), bytes.size());
      if (count <= 0) break;
      shown_.append(bytes.data(), static_cast<std::size_t>(count));
    }
    return shown_;
  }
  [[nodiscard]] bool wait_for(const std::string& text) {
    return wait_until([&] { return shown().find(text) != std::string::npos; });
  }

 private:
  int master_;
  int slave_ = -1;
  std::string name_;
  std::string shown_;
};

void expect_no_controls(const std::string& shown) {
  for (std::size_t at = 0; at < shown.size(); ++at) {
    const auto byte = static_cast<unsigned char>(shown[at]);
    const bool line_end = byte == '\r' || byte == '\n' || byte == '\t';
    EXPECT_FALSE((byte < 0x20 && !line_end) || byte == 0x7F) << "C0 at " << at << " of " << shown;
  }
  EXPECT_EQ(shown.find("\xC2\x9B"), std::string::npos) << "C1 in " << shown;
  EXPECT_EQ(shown.find("\xE2\x80\xAE"), std::string::npos) << "a change of direction in " << shown;
}

class OnATerminal : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(broker.listen(socket));
    ASSERT_TRUE(sender.connect());
  }
  void publish(const std::string& topic, const std::string& payload) {
    const auto sent = sender.publish(topic, busrt::as_bytes(payload));
    ASSERT_TRUE(sent) << sent.error().describe();
  }
  /// An exec of /bin/true with this argument, as procmond tells it.
  void publish_exec(const std::string& argument) {
    daemoneye::events::Event event;
    event.collector = "procmond";
    event.epoch = 1;
    event.seq = ++seq;
    event.domain = "process";
    event.kind = "exec";
    event.time = std::chrono::system_clock::now();
    event.data = {{"process", {{"pid", 4242}, {"start_time", 7}, {"boot_id", "b"}}},
                  {"ppid", 1},
                  {"uid", 1000},
                  {"comm", "true"},
                  {"exe", "/bin/true"},
                  {"args", {"/bin/true", argument}}};
    publish("events.process.exec", daemoneye::events::encode_event(event));
  }

  TemporaryDirectory directory;
  std::string socket = directory.path() / "bus.sock";
  busrt::Broker broker;
  busrt::BlockingClient sender{{.name = "procmond", .endpoint = broker.local()}};
  std::uint64_t seq = 0;
};

TEST_F(OnATerminal, NoControlCharacterOfAPeerPassesABusrtCommand) {
  Terminal terminal(200);
  busrt::BlockingClient other({.name = "other" + hostile, .endpoint = broker.local()});
  ASSERT_TRUE(other.connect());
  Program listener(directory.path(), "listener",
                   terminal.run(busrt_program() + " " + socket + " -v listen -t '#' -t '" + hostile + "'"));
  ASSERT_TRUE(terminal.wait_for("Listening"));
  const std::string json = boost::json::serialize(boost::json::object{{hostile, hostile}});
  for (const std::string& payload : {hostile, json, "\x81" + std::string(1, '\xBC') + hostile + "\x01"})
    ASSERT_TRUE(other.publish("t/" + hostile, busrt::as_bytes(payload)));
  publish("t/last", "last");
  ASSERT_TRUE(terminal.wait_for("last"));
  const std::string typed = "'" + hostile + "'";
  const std::vector<std::string> commands = {"broker client.list",
                                             "-s broker client.list",
                                             "rpc call " + typed + " " + typed,
                                             "rpc call .broker " + typed,
                                             "send " + typed + " x",
                                             typed,
                                             "access explain " + typed + " publish " + typed,
                                             "-n " + typed + " broker test"};
  for (const std::string& command : commands) {
    static_cast<void>(
        Program(directory.path(), "command", terminal.run(busrt_program() + " " + socket + " " + command))
            .wait());
  }
  EXPECT_NE(terminal.shown().find("\\x1b[2J"), std::string::npos) << "they are shown as escapes";
  expect_no_controls(terminal.shown());
}

TEST_F(OnATerminal, NoControlCharacterOfAnEventPassesDaemoneyeNorItsJson) {
  for (const std::string mode : {"", "--json "}) {
    Terminal terminal(200);
    Program watch(directory.path(), "watch",
                  terminal.run(cli_program() + " --bus ipc://" + socket + " " + mode + "watch '#'"));
    ASSERT_TRUE(terminal.wait_for("no agent answers")) << terminal.shown();
    // Nothing is missed that is sent from here on.
    ASSERT_TRUE(wait_until([&] { return broker.clients().size() > 1; }));
    publish_exec(hostile);
    publish("results." + hostile, hostile);
    publish_exec("last");
    ASSERT_TRUE(terminal.wait_for("last")) << terminal.shown();
    watch.signal(SIGINT);
    EXPECT_EQ(watch.wait(), 0);
    EXPECT_NE(terminal.shown().find("evil"), std::string::npos);
    expect_no_controls(terminal.shown());
    const std::string typed = "'" + hostile + "'";
    for (const std::string& command :
         std::vector<std::string>{typed, "watch " + typed, "--bus " + typed + " status"}) {
      static_cast<void>(
          Program(directory.path(), "command", terminal.run(cli_program() + " --bus ipc:///none " + command))
              .wait());
    }
    expect_no_controls(terminal.shown());
  }
}

TEST_F(OnATerminal, ANarrowOneShowsWhatRanWhateverTheCharacters) {
  for (const unsigned short columns : std::array<unsigned short, 4>{40, 80, 20, 10}) {
    Terminal terminal(columns);
    Program watch(directory.path(), "watch",
                  terminal.run(cli_program() + " --bus ipc://" + socket + " watch events.process.exec"));
    ASSERT_TRUE(terminal.wait_for("WHAT\r\n")) << terminal.shown();
    const std::size_t head = terminal.shown().find("WHAT\r\n") + 6;
    for (const std::string_view word : {"漢字", "😀", "e\u0301", "\u200b\u200b", "plain "}) {
      std::string argument;
      for (int i = 0; i < 60; ++i) argument += word;
      publish_exec(argument);
    }
    publish_exec("z");
    ASSERT_TRUE(wait_until([&] { return std::ranges::count(terminal.shown().substr(head), '\n') == 6; }))
        << terminal.shown();
    std::istringstream rows(terminal.shown().substr(head));
    for (std::string row; std::getline(rows, row);) {
      if (row.ends_with('\r')) row.pop_back();
      EXPECT_LE(busrt::base::columns_of(row), columns) << row;
      EXPECT_NE(row.find(columns >= 20 ? "/bin/true" : "/bin"), std::string::npos) << row;
    }
    watch.signal(SIGINT);
    EXPECT_EQ(watch.wait(), 0);
  }
}

TEST_F(OnATerminal, TheListOfClientsFitsAndSaysWhatItLeavesOut) {
  busrt::BlockingClient wide({.name = "客户端", .endpoint = broker.local()});
  ASSERT_TRUE(wide.connect());
  Terminal terminal(40);
  Program list(directory.path(), "list",
               terminal.run(busrt_program() + " " + socket + " -s broker client.list"));
  EXPECT_EQ(list.wait(), 0);
  ASSERT_TRUE(terminal.wait_for("too narrow for: ")) << terminal.shown();
  std::istringstream lines(terminal.shown());
  for (std::string line; std::getline(lines, line) && !line.starts_with("too narrow");)
    EXPECT_LE(busrt::base::columns_of(line.substr(0, line.find('\r'))), 40U) << line;
  EXPECT_NE(terminal.shown().find("客户端"), std::string::npos);
}

}  // namespace
}  // namespace system_tests
