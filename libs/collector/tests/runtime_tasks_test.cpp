// Operations of a source: what run_task answers, what it refuses, and how a task is cancelled.

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>
#include <stdexcept>

#include "daemoneye/collector/testing/noop_source.hpp"
#include "runtime_fixture.hpp"

namespace daemoneye::collector::testing {
namespace {

namespace asio = boost::asio;
using busrt::base::Result;

constexpr events::Field word{.name = "word", .type = events::Type::text, .sentence = "A word."};
constexpr events::Field times{.name = "times",
                              .type = events::Type::unsigned_integer,
                              .sentence = "How often.",
                              .presence = events::Presence::optional,
                              .unit = "times"};

asio::awaitable<Result<>> repeat(boost::json::object params, ResultParts& parts) {
  const auto* const count = params.if_contains("times");
  for (std::int64_t i = 0; i < (count == nullptr ? 1 : count->as_int64()); ++i) {
    parts.add({{"word", params.at("word")}});
  }
  co_return Result<>();
}

asio::awaitable<Result<>> wait_for_ever(boost::json::object /*params*/, ResultParts& /*parts*/) {
  asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
  co_await timer.async_wait(asio::use_awaitable);
  co_return Result<>();
}

asio::awaitable<Result<>> fail_by(boost::json::object params, ResultParts& /*parts*/) {
  const std::string how(params.at("word").as_string());
  if (how == "fault") throw std::runtime_error("a fault");
  const auto code = how == "param" ? std::errc::invalid_argument : std::errc::io_error;
  co_return busrt::base::fail(std::make_error_code(code), "word: no good");
}

class Worker : public NoopSource {
 public:
  std::vector<Operation> operations() override {
    return {{.name = "process.repeat",
             .sentence = "Repeats.",
             .params = {&word, &times},
             .results = {&word},
             .run = repeat},
            {.name = "process.wait", .sentence = "Waits.", .run = wait_for_ever},
            {.name = "process.fail", .sentence = "Fails.", .params = {&word}, .run = fail_by}};
  }
};

class RuntimeTasks : public RuntimeTest {
 protected:
  void SetUp() override {
    observer_ = std::make_unique<Observer>(loop_, broker_->local());
    std::vector<std::unique_ptr<EventSource>> sources;
    sources.push_back(std::make_unique<Worker>());
    start(config(), std::move(sources));
    ASSERT_TRUE(loop_.until([&] { return observer_->last_state() == "running"; }));
  }
  /// Calls run_task without waiting; the answer appears in answers_.
  void begin(const std::string& params) {
    asio::co_spawn(loop_.context(), call_bytes(*observer_->rpc, "run_task", busrt::to_bytes(params)),
                   [this](const std::exception_ptr& fault, busrt::CallResult<busrt::RpcReply> reply) {
                     EXPECT_EQ(fault, nullptr);
                     answers_.push_back(reply ? "done" : reply.error().message);
                   });
  }
  std::string refusal(const std::string& params) {
    const auto answer = call(*observer_, "run_task", params);
    return answer ? boost::json::serialize(*answer) : answer.error();
  }

  std::unique_ptr<Observer> observer_;
  std::vector<std::string> answers_;
};

TEST_F(RuntimeTasks, AnOperationAnswersItsParts) {
  const auto answer =
      call(*observer_, "run_task",
           R"({"operation":"process.repeat","params":{"word":"x","times":2},"task_id":"t1"})");
  ASSERT_TRUE(answer) << answer.error();
  EXPECT_EQ(boost::json::serialize(*answer),
            R"({"operation":"process.repeat","task_id":"t1","parts":[{"word":"x"},{"word":"x"}]})");
  EXPECT_EQ(call(*observer_, "run_task", R"({"operation":"process.repeat","params":{"word":"y"}})").value(),
            (boost::json::object{{"operation", "process.repeat"},
                                 {"parts", boost::json::array{boost::json::object{{"word", "y"}}}}}));
}

TEST_F(RuntimeTasks, WhatIsWrongIsNamedBeforeTheHandlerRuns) {
  const std::pair<const char*, const char*> cases[] = {
      {"{}", "-32602 operation: missing"},
      {R"({"operation":5})", "-32602 operation: expected a string"},
      {R"({"operation":"process.none"})",
       "-32602 operation: this collector has no operation \"process.none\""},
      {R"({"operation":"process.wait","x":1})", "-32602 x: unknown field"},
      {R"({"operation":"process.wait","params":[]})", "-32602 params: expected an object"},
      {R"({"operation":"process.wait","task_id":""})", "-32602 task_id: expected 1 to 128 bytes"},
      {R"({"operation":"process.repeat"})", "-32602 word: missing"},
      {R"({"operation":"process.repeat","params":{"word":1}})", "-32602 word: expected text"},
      {R"({"operation":"process.repeat","params":{"word":null}})", "-32602 word: expected text"},
      {R"({"operation":"process.repeat","params":{"word":"x","times":-1}})",
       "-32602 times: expected unsigned integer"},
      {R"({"operation":"process.repeat","params":{"word":"x","often":1}})",
       "-32602 often: process.repeat has no such param"}};
  for (const auto& [params, expected] : cases) {
    EXPECT_TRUE(refusal(params).starts_with(expected)) << refusal(params) << " for " << params;
  }
}

TEST_F(RuntimeTasks, AHandlerThatFailsEndsItsTaskAlone) {
  EXPECT_EQ(refusal(R"({"operation":"process.fail","params":{"word":"param"}})"), "-32602 word: no good");
  EXPECT_TRUE(
      refusal(R"({"operation":"process.fail","params":{"word":"io"}})").starts_with("-32603 process.fail: "));
  EXPECT_EQ(refusal(R"({"operation":"process.fail","params":{"word":"fault"}})"),
            "-32603 process.fail: a fault");
  EXPECT_TRUE(call(*observer_, "run_task", R"({"operation":"process.repeat","params":{"word":"y"}})"));
}

TEST_F(RuntimeTasks, ATaskIsCancelledByItsId) {
  begin(R"({"operation":"process.wait","task_id":"long"})");
  ASSERT_TRUE(loop_.until(
      [&] { return call(*observer_, "cancel_task", R"({"task_id":"long"})")->at("cancelled").as_bool(); }));
  ASSERT_TRUE(loop_.until([&] { return !answers_.empty(); }));
  EXPECT_EQ(answers_[0], "process.wait: cancelled");
  EXPECT_EQ(call(*observer_, "cancel_task", R"({"task_id":"long"})")->at("cancelled"), false);
  EXPECT_EQ(call(*observer_, "cancel_task").error(), "-32602 task_id: missing; expected a string");
}

TEST_F(RuntimeTasks, TasksHaveDifferentIdsAndABound) {
  for (std::size_t i = 0; i < limits::running_tasks; ++i) {
    begin(R"({"operation":"process.wait","task_id":"t)" + std::to_string(i) + "\"}");
  }
  EXPECT_EQ(refusal(R"({"operation":"process.wait","task_id":"t0"})"),
            "-32602 task_id: a task t0 runs already");
  EXPECT_TRUE(refusal(R"({"operation":"process.wait"})").starts_with("-32603 16 operations run already"));
  EXPECT_TRUE(answers_.empty());
  stop();
  ASSERT_TRUE(loop_.until([&] { return answers_.size() == limits::running_tasks; }))
      << "the end of the collector cancels every task";
}

TEST_F(RuntimeTasks, CapabilitiesDescribeThem) {
  const auto result = call(*observer_, "get_capabilities").value();
  const auto& operations = result.at("operations").as_array();
  ASSERT_EQ(operations.size(), 3U);
  EXPECT_EQ(
      boost::json::serialize(operations[0]),
      R"({"name":"process.repeat","source":"noop","sentence":"Repeats.","params":[)"
      R"({"name":"word","type":"text","sentence":"A word.","required":true},)"
      R"({"name":"times","type":"unsigned integer","unit":"times","sentence":"How often.","required":false}],)"
      R"("results":[{"name":"word","type":"text","sentence":"A word.","required":true}]})");
}

/// An operation of the name that a test wants.
class Misnamed : public NoopSource {
 public:
  explicit Misnamed(std::vector<std::string> names) : names_(std::move(names)) {}
  std::vector<Operation> operations() override {
    std::vector<Operation> all;
    for (const auto& name : names_) all.push_back({.name = name, .sentence = "Waits.", .run = wait_for_ever});
    return all;
  }

 private:
  std::vector<std::string> names_;
};

TEST_F(RuntimeTest, AnOperationWithoutADomainOrASecondOneOfItsNameIsRefused) {
  const std::vector<std::string> cases[] = {
      {"wait"}, {"network.wait"}, {"process."}, {"process.a.b"}, {"process.a", "process.a"}};
  for (const auto& names : cases) {
    std::vector<std::unique_ptr<EventSource>> sources;
    sources.push_back(std::make_unique<Misnamed>(names));
    start(config(), std::move(sources));
    ASSERT_TRUE(loop_.until([&] { return end_.has_value(); }));
    ASSERT_FALSE(end_->has_value()) << names.back();
    EXPECT_NE(end_->error().message.find(names.back()), std::string::npos) << end_->error().message;
  }
}

}  // namespace
}  // namespace daemoneye::collector::testing
