// A table of methods, asked over a real broker in both encodings.
#include "daemoneye/rpc_service/method_table.hpp"

#include <gtest/gtest.h>

#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <memory>
#include <optional>

#include "busrt/broker.hpp"
#include "busrt/msgpack.hpp"
#include "monitor_testing/event_loop.hpp"

namespace daemoneye::rpc_service {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

class MethodTableTest : public ::testing::Test {
 protected:
  void SetUp() override {
    table_ = std::make_unique<MethodTable>();
    table_->add(
        {.name = "double", .params = {{.name = "value", .type = FieldType::integer, .required = true}}},
        &twice);
    table_->add({.name = "whoami"}, &whoami);
    table_->add({.name = "fail"}, &fail);
    table_->on_refused([this](const Call& call, const busrt::RpcError& error) {
      refused_.push_back(call.method + " of " + call.sender + ": " + error.message);
    });
    service_.emplace(client("service"));
    table_->serve(*service_);
    caller_.emplace(client("caller"));
    ASSERT_TRUE(loop_.run(service_->connect()).has_value());
    ASSERT_TRUE(loop_.run(caller_->connect()).has_value());
  }
  busrt::Client client(std::string name) {
    busrt::ClientConfig config;
    config.name = std::move(name);
    config.endpoint = broker_.local();
    return busrt::Client(loop_.executor(), config);
  }
  static asio::awaitable<MethodResult> twice(Call call) {
    co_return json::object{{"value", 2 * call.params.at("value").as_int64()}};
  }
  static asio::awaitable<MethodResult> whoami(Call call) { co_return json::object{{"name", call.sender}}; }
  static asio::awaitable<MethodResult> fail(Call) {
    co_return std::unexpected(busrt::RpcError{busrt::rpc_code::internal, "no luck"});
  }
  busrt::CallResult<busrt::RpcReply> call(const char* method, std::span<const std::byte> params) {
    return loop_.run(caller_->call("service", method, params));
  }
  busrt::CallResult<busrt::RpcReply> call(const char* method, std::string_view params = {}) {
    return call(method, busrt::as_bytes(params));
  }

  busrt::Broker broker_;
  monitor_testing::EventLoop loop_;
  std::vector<std::string> refused_;
  std::unique_ptr<MethodTable> table_;
  std::optional<busrt::RpcClient> service_;
  std::optional<busrt::RpcClient> caller_;
};

TEST_F(MethodTableTest, AnswersInTheEncodingOfTheParams) {
  const auto text = call("double", R"({"value": 21})");
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_EQ(json::parse(busrt::as_text(text->payload)), (json::object{{"value", 42}}));
  const auto packed = call("double", busrt::msgpack::encode(json::object{{"value", 21}}));
  ASSERT_TRUE(packed) << packed.error().message;
  const auto value = busrt::msgpack::decode(packed->payload);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->at("value").to_number<int>(), 42);
}

TEST_F(MethodTableTest, RefusesBadParamsAndTellsOfIt) {
  const auto wrong = call("double", R"({"value": "x"})");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, "value: expected an integer");
  const auto text = call("double", "{");
  ASSERT_FALSE(text);
  EXPECT_TRUE(text.error().message.starts_with("params: neither a JSON object nor a MessagePack map"));
  EXPECT_FALSE(call("whoami", R"({"x": 1})"));
  const auto failed = call("fail");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "no luck");
  ASSERT_EQ(refused_.size(), 4U);
  EXPECT_EQ(refused_[0], "double of caller: value: expected an integer");
  EXPECT_EQ(refused_[3], "fail of caller: no luck");
}

TEST_F(MethodTableTest, NoParamsAreNone) {
  for (const std::string_view params : {"", "{}", " {}", "null", "\x80", "\xc0"}) {
    const auto reply = call("whoami", params);
    ASSERT_TRUE(reply) << reply.error().message;
  }
}

TEST_F(MethodTableTest, ACallToATableThatIsGoneIsAnswered) {
  table_.reset();
  const auto reply = call("whoami");
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().message, "the program is ending");
}

TEST_F(MethodTableTest, DescribesEachMethodOnce) {
  EXPECT_EQ(table_->names(), (std::vector<std::string_view>{"double", "whoami", "fail"}));
  EXPECT_EQ(table_->describe().size(), 3U);
  EXPECT_EQ(table_->describe().at(0).at("params").at(0).at("name"), "value");
}

}  // namespace
}  // namespace daemoneye::rpc_service
