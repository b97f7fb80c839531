// Fifos: what each kind of line becomes, what is refused, and a real fifo written to as scripts do.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "broker/fifo_line.hpp"
#include "broker_fixture.hpp"
#include "busrt/access.hpp"
#include "busrt/limits.hpp"
#include "wire/codec.hpp"

namespace busrt {
namespace {

using namespace std::string_literals;

struct Sent {
  Op op = Op::nop;
  std::string target;
  std::string payload;
};

/// The one frame of a line; `problem` where it is refused.
Sent parse(std::string_view line, std::string* problem = nullptr) {
  busrt::base::ByteBuffer frames;
  const auto appended = broker::append_fifo_line(frames, line);
  if (!appended) {
    EXPECT_TRUE(frames.empty()) << line;
    if (problem != nullptr) *problem = appended.error();
    return {};
  }
  wire::Request request;
  const auto decoded = wire::decode_request(frames.data(), limits::max_body_bytes, request);
  EXPECT_EQ(decoded.status, wire::Decoded::Status::complete) << line;
  EXPECT_EQ(decoded.size, frames.size()) << line;
  EXPECT_EQ(request.qos, QoS::no);
  return {request.op, std::string(request.target),
          std::string(reinterpret_cast<const char*>(request.payload.data()), request.payload.size())};
}

TEST(FifoLine, kinds_are_told_by_their_first_characters) {
  struct Case {
    const char* line;
    Op op;
    const char* target;
    std::string payload;
  };
  const std::string call = "\x01\0\0\0\0"s;
  const Case cases[] = {
      {"app hello", Op::message, "app", "hello"},
      {"app hello world, a=b  c", Op::message, "app", "hello world, a=b  c"},
      {"app ", Op::message, "app", ""},
      {"app  two spaces", Op::message, "app", " two spaces"},
      {"app hello\r", Op::message, "app", "hello"},
      {"app.* all", Op::broadcast, "app.*", "all"},
      {"app.? .all", Op::broadcast, "app.?", ".all"},
      {"=news/today it is = so", Op::publish, "news/today", "it is = so"},
      {"=a :b", Op::publish, "a", ":b"},
      {"app .note to you", Op::message, "app", "\0note to you"s},
      {"app :reload", Op::message, "app", call + "reload\0"s},
      {"app :set a=1 b=-1 c=true d=1.5 e=x", Op::message, "app",
       call + "set\0\x85\xa1"s + "a\x01\xa1" + "b\xff\xa1" + "c\xc3\xa1" + "d\xcb\x3f\xf8\0\0\0\0\0\0\xa1"s +
           "e\xa1x"},
      {"app :set  a=b=c  d=\"x \\\"y\\\" \\\\ =\" e=\"1\" f=", Op::message, "app",
       call + "set\0\x84\xa1"s + "a\xa3" + "b=c\xa1" + "d\xa9" + "x \"y\" \\ =" + "\xa1" + "e\xa1" + "1\xa1" +
           "f\xa0"},
  };
  for (const Case& each : cases) {
    const Sent sent = parse(each.line);
    EXPECT_EQ(sent.op, each.op) << each.line;
    EXPECT_EQ(sent.target, each.target) << each.line;
    EXPECT_EQ(sent.payload, each.payload) << each.line;
  }
}

TEST(FifoLine, what_is_no_good_is_refused_with_its_reason) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "no target"},
      {" hello", "no target"},
      {"= hello", "no target"},
      {"app", "no message after the target"},
      {"=topic", "no message after the target"},
      {"app :", "no method after the colon"},
      {"app : a=1", "no method after the colon"},
      {"app :m a", "a param without its value, expected KEY=VALUE"},
      {"app :m a b=1", "a param without its value, expected KEY=VALUE"},
      {"app :m =1", "a param without its key, expected KEY=VALUE"},
      {"app :m a=1 a=2", "a param is given twice"},
      {"app :m a=\"b", "a quoted value without its closing quote"},
      {"app :m a=\"b\"c", "something stands right behind a closing quote"},
      {"app :m\xff a=1", "the call is not UTF-8 text without NUL"},
      {std::string("app :m\0x a=1", 12), "the call is not UTF-8 text without NUL"},
      {"\xff x", "the target is not UTF-8 text without NUL"},
      {std::string(limits::max_name_bytes + 1, 'a') + " x", "the target is too long"},
      {"=" + std::string(limits::max_topic_bytes + 1, 'a') + " x", "the target is too long"},
      {"=" + std::string(limits::max_topic_segments, '/') + " x", "the topic has more than 128 segments"},
      {std::string(limits::max_topic_segments, '.') + " x", "the topic has more than 128 segments"},
  };
  for (const auto& [line, reason] : cases) {
    std::string problem;
    parse(line, &problem);
    EXPECT_EQ(problem, reason) << line;
  }
}

class BrokerFifo : public BrokerTest {
 protected:
  void make(BrokerConfig config = {}) {
    start(std::move(config));
    fifo_ = (directory_.path() / "bus.fifo").string();
    const auto bound = broker_->listen("fifo:" + fifo_);
    ASSERT_TRUE(bound) << bound.error().describe();
  }
  void echo(std::string_view text) const {
    const int descriptor = ::open(fifo_.c_str(), O_WRONLY | O_CLOEXEC);
    ASSERT_GE(descriptor, 0);
    while (!text.empty()) {
      const auto put = ::write(descriptor, text.data(), text.size());
      ASSERT_GT(put, 0);
      text.remove_prefix(static_cast<std::size_t>(put));
    }
    ::close(descriptor);
  }
  std::string fifo_;
};
INSTANTIATE_TEST_SUITE_P(Shards, BrokerFifo,
                         testing::Values(Variant{"one", 1, false}, Variant{"three", 3, false}),
                         [](const auto& variant) { return variant.param.name; });

TEST_P(BrokerFifo, lines_arrive_from_the_broker_whoever_wrote_them) {
  make();
  auto app = connect("app.one");
  ASSERT_EQ(app.confirmed_topics(Op::subscribe, {"news/#"}), ok);
  echo("app.one first\n=news/a second\n");
  echo("app.* third\n");
  Received got = app.next_data();
  EXPECT_EQ(got.kind, FrameKind::message);
  EXPECT_EQ(got.sender, ".broker");
  EXPECT_EQ(got.payload, "first");
  got = app.next_data();
  EXPECT_EQ(got.topic, "news/a");
  EXPECT_EQ(got.payload, "second");
  EXPECT_EQ(app.next_data().payload, "third");
  EXPECT_EQ(app.confirmed(Op::message, ".broker", ""), ok);
}

TEST_P(BrokerFifo, a_line_may_come_in_pieces_and_many_at_once) {
  make();
  auto app = connect("app");
  const int descriptor = ::open(fifo_.c_str(), O_WRONLY | O_CLOEXEC);
  for (const char character : "app piece by piece\n"s) ASSERT_EQ(::write(descriptor, &character, 1), 1);
  EXPECT_EQ(app.next_data().payload, "piece by piece");
  std::thread writer([&] {
    for (int i = 0; i < 20'000; ++i) {
      const std::string line = "app " + std::to_string(i) + "\n";
      ASSERT_EQ(::write(descriptor, line.data(), line.size()), static_cast<ssize_t>(line.size()));
    }
  });
  for (int i = 0; i < 20'000; ++i) ASSERT_EQ(app.next_data().payload, std::to_string(i));
  writer.join();
  ::close(descriptor);
}

TEST_P(BrokerFifo, bad_lines_are_counted_and_told_and_the_next_is_heard) {
  make();
  auto app = connect("app");
  echo("nonsense\n\napp :m a\x1b\n" + std::string(limits::fifo_line_bytes + 10, 'x') + "\napp good\n");
  EXPECT_EQ(app.next_data().payload, "good");
  EXPECT_EQ(broker_->stats().refused_lines, 3U) << "an empty line is nothing at all";
  EXPECT_TRUE(logged("no message after the target, in the line: nonsense"));
  echo("nobody hears\n=.broker/warn shutdown\napp end\n");
  EXPECT_EQ(app.next_data().payload, "end");
  EXPECT_EQ(lost(LossCause::not_registered), 1U);
  EXPECT_EQ(lost(LossCause::access_denied), 1U);
}

TEST_P(BrokerFifo, a_line_that_the_broker_would_end_a_connection_for_is_refused_and_the_fifo_lives_on) {
  make({.max_body_bytes = 100, .log = {}});
  auto app = connect("app");
  const std::string most(100 - "app\0"s.size(), 'm');
  echo("app " + most + "\napp " + most + "x\n");
  EXPECT_EQ(app.next_data().payload, most);
  echo("=" + std::string(limits::max_topic_segments, '/') + " deep\napp after\n");
  EXPECT_EQ(app.next_data().payload, "after");
  EXPECT_EQ(broker_->stats().refused_lines, 2U);
  EXPECT_TRUE(logged("a frame of 101 bytes, the limit is 100"));
}

TEST_P(BrokerFifo, ItIsItsOwnersAloneUnlessTheConfigurationLetsOthersWrite) {
  make();
  const auto mode = [this] {
    struct stat found{};
    EXPECT_EQ(::stat(fifo_.c_str(), &found), 0);
    EXPECT_TRUE(S_ISFIFO(found.st_mode));
    return found.st_mode & 0777U;
  };
  EXPECT_EQ(mode(), 0600U);
  broker_->shutdown();
  make({.fifo_mode = 0622, .log = {}});
  EXPECT_EQ(mode(), 0622U);
  broker_->shutdown();
  for (const unsigned wrong : {0666U, 0200U, 01622U}) {
    Broker other({.fifo_mode = wrong, .log = {}});
    const auto bound = other.listen("fifo:" + fifo_);
    ASSERT_FALSE(bound) << wrong;
    EXPECT_EQ(bound.error().code, errc::not_supported);
  }
}

TEST_P(BrokerFifo, ItHasOneOwnerAndGoesWithIt) {
  make();
  auto app = connect("app");
  Broker second;
  const auto refused = second.listen("fifo:" + fifo_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::busy);
  EXPECT_NE(refused.error().message.find(fifo_), std::string::npos);
  echo("app still here\n");
  EXPECT_EQ(app.next_data().payload, "still here");
  broker_->shutdown();
  EXPECT_FALSE(std::filesystem::exists(fifo_));
  EXPECT_FALSE(std::filesystem::exists(fifo_ + ".lock"));
  EXPECT_TRUE(second.listen("fifo:" + fifo_));
}

TEST_P(BrokerFifo, ALineEndsWithItsWriter) {
  make();
  auto app = connect("app");
  for (int i = 0; i < 20; ++i) {
    // Each writer comes when the broker has seen the one before go.
    echo("app whole\napp cut sho");
    EXPECT_EQ(app.next_data().payload, "whole");
    EXPECT_EQ(app.next_data().payload, "cut sho");
  }
  EXPECT_EQ(broker_->stats().refused_lines, 0U);
}

TEST_P(BrokerFifo, AnUnfinishedLineWaitsForItsWriter) {
  make();
  auto app = connect("app");
  const int writer = ::open(fifo_.c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_EQ(::write(writer, "app one\napp t", 13), 13);
  EXPECT_EQ(app.next_data().payload, "one");
  ASSERT_EQ(::write(writer, "wo\n", 3), 3);
  EXPECT_EQ(app.next_data().payload, "two");
  ::close(writer);
}

TEST_P(BrokerFifo, WhatADeadBrokerLeftIsUsedAgainAndAScriptThatWaitsInItGetsThrough) {
  start();
  fifo_ = (directory_.path() / "bus.fifo").string();
  ASSERT_EQ(::mkfifo(fifo_.c_str(), 0622), 0);
  std::ofstream(fifo_ + ".lock") << "";
  auto app = connect("app");
  std::jthread script([this] { echo("app at last\n"); });
  const auto bound = broker_->listen("fifo:" + fifo_);
  ASSERT_TRUE(bound) << bound.error().describe();
  EXPECT_EQ(app.next_data().payload, "at last");
  struct stat found{};
  ASSERT_EQ(::stat(fifo_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
}

TEST_P(BrokerFifo, OneThatAnotherProcessReadsIsLeftAlone) {
  start();
  fifo_ = (directory_.path() / "bus.fifo").string();
  ASSERT_EQ(::mkfifo(fifo_.c_str(), 0600), 0);
  const int reader = ::open(fifo_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  const auto bound = broker_->listen("fifo:" + fifo_);
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().code, errc::busy);
  EXPECT_TRUE(std::filesystem::exists(fifo_));
  ::close(reader);
  EXPECT_TRUE(broker_->listen("fifo:" + fifo_));
}

TEST_P(BrokerFifo, AnEmptyPlainFileInItsPlaceIsReplacedAndOneThatHoldsDataIsNot) {
  start();
  fifo_ = (directory_.path() / "bus.fifo").string();
  // What `echo > fifo` leaves when no broker runs.
  std::ofstream(fifo_) << "app lost?\n";
  const auto bound = broker_->listen("fifo:" + fifo_);
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().code, errc::busy);
  EXPECT_NE(bound.error().message.find("holds 10 bytes"), std::string::npos) << bound.error().message;
  EXPECT_EQ(std::filesystem::file_size(fifo_), 10U);
  std::filesystem::resize_file(fifo_, 0);
  EXPECT_TRUE(broker_->listen("fifo:" + fifo_));
  EXPECT_TRUE(std::filesystem::is_fifo(fifo_));
}

TEST_P(BrokerFifo, OneThatIsReplacedUnderTheBrokerIsGivenUpWithALine) {
  make();
  auto app = connect("app");
  const int writer = ::open(fifo_.c_str(), O_WRONLY | O_CLOEXEC);
  std::filesystem::remove(fifo_);
  ASSERT_EQ(::write(writer, "app last\n", 9), 9);
  EXPECT_EQ(app.next_data().payload, "last");
  ::close(writer);
  EXPECT_TRUE(eventually([this] { return logged("has been removed or replaced"); }));
}

TEST_P(BrokerFifo, what_is_no_fifo_is_left_alone) {
  start();
  const std::string path = (directory_.path() / "precious").string();
  std::ofstream(path) << "data";
  const auto bound = broker_->listen("fifo:" + path);
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().code, errc::busy);
  EXPECT_NE(bound.error().message.find(path), std::string::npos);
  EXPECT_FALSE(broker_->listen("fifo:" + (directory_.path() / "no" / "such" / "folder").string()));
}

TEST_P(BrokerFifo, rules_without_an_entry_for_it_keep_it_from_being_made) {
  auto rules = AccessRules::parse("[[client]]\nname = 'app'\nsubscribe = ['#']\n", "rules.toml");
  ASSERT_TRUE(rules);
  start({.access = std::make_shared<const AccessRules>(*std::move(rules)), .log = {}});
  fifo_ = (directory_.path() / "bus.fifo").string();
  const auto bound = broker_->listen("fifo:" + fifo_);
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().code, errc::access);
  EXPECT_TRUE(bound.error().message.contains(fifo_ + ": its lines are sent in the name .broker, and"))
      << bound.error().message;
  EXPECT_FALSE(std::filesystem::exists(fifo_));
}

TEST_P(BrokerFifo, rules_that_come_later_deny_its_lines_and_leave_it_in_its_place) {
  make();
  const auto rules = [](const std::string& entry) {
    return std::make_shared<const AccessRules>(
        AccessRules::parse("[[client]]\nname = 'app'\nsubscribe = ['#']\n" + entry, "rules.toml").value());
  };
  broker_->set_access(rules(""));
  auto app = connect("app");
  ASSERT_EQ(app.confirmed_topics(Op::subscribe, {"#"}), ok);
  echo("=a denied\n");
  EXPECT_TRUE(eventually([&] { return lost(LossCause::access_denied) == 1; }));
  EXPECT_TRUE(std::filesystem::is_fifo(fifo_));
  broker_->set_access(rules("[[client]]\nname = '.broker'\npublish = ['a']\n"));
  echo("=a granted\n");
  EXPECT_EQ(app.next_data().payload, "granted");
}

TEST_P(BrokerFifo, access_rules_hold_for_it_by_the_brokers_name) {
  auto rules = AccessRules::parse(R"(
    [[client]]
    name = ".broker"
    publish = ["news/#"]
    [[client]]
    name = "app"
    subscribe = ["#"]
  )",
                                  "rules.toml");
  ASSERT_TRUE(rules) << rules.error().message;
  make({.access = std::make_shared<const AccessRules>(*std::move(rules)), .log = {}});
  auto app = connect("app");
  ASSERT_EQ(app.confirmed_topics(Op::subscribe, {"#"}), ok);
  echo("app denied\n=other denied\n=news/a granted\n");
  EXPECT_EQ(app.next_data().payload, "granted");
  EXPECT_EQ(lost(LossCause::access_denied), 2U);
}

}  // namespace
}  // namespace busrt
