// Params by their schema: each mistake names its field and what was expected.
#include "daemoneye/rpc_service/schema.hpp"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

namespace daemoneye::rpc_service {
namespace {

namespace json = boost::json;

Method method() {
  return {
      .name = "find",
      .sentence = "Finds a process.",
      .params = {{.name = "pid", .type = FieldType::integer, .required = true, .least = 1},
                 {.name = "interval_ms",
                  .type = FieldType::integer,
                  .unit = "milliseconds",
                  .least = 10,
                  .most = 60'000},
                 {.name = "deep", .type = FieldType::boolean},
                 {.name = "names", .type = FieldType::array},
                 {.name = "filter", .type = FieldType::object},
                 {.name = "ratio", .type = FieldType::number},
                 {.name = "path"},
                 {.name = "value", .type = FieldType::any}},
      .result = {{.name = "found", .type = FieldType::boolean, .sentence = "Whether.", .required = true}}};
}

std::string mistake_in(std::string_view params) {
  const auto checked = check_params(method(), json::parse(params).as_object());
  if (checked) return "";
  EXPECT_EQ(checked.error().code, busrt::rpc_code::invalid_params);
  return checked.error().message;
}

TEST(Schema, TakesWhatItDescribes) {
  EXPECT_EQ(mistake_in(R"({"pid": 1})"), "");
  EXPECT_EQ(mistake_in(R"({"pid": 1, "interval_ms": 60000, "deep": true, "names": [], "filter": {},
                           "ratio": 1, "path": "", "value": null})"),
            "");
}

TEST(Schema, NamesTheFieldAndWhatWasExpected) {
  EXPECT_EQ(mistake_in("{}"), "pid: missing; expected an integer of at least 1");
  EXPECT_EQ(mistake_in(R"({"pid": 0})"), "pid: expected an integer of at least 1");
  EXPECT_EQ(mistake_in(R"({"pid": 1.5})"), "pid: expected an integer of at least 1");
  EXPECT_EQ(mistake_in(R"({"pid": 18446744073709551615})"), "pid: expected an integer of at least 1");
  EXPECT_EQ(mistake_in(R"({"pid": 1, "interval_ms": 9})"),
            "interval_ms: expected an integer from 10 to 60000 (milliseconds)");
  EXPECT_EQ(mistake_in(R"({"pid": 1, "deep": "yes"})"), "deep: expected a boolean");
  EXPECT_EQ(mistake_in(R"({"pid": 1, "names": {}})"), "names: expected an array");
  EXPECT_EQ(mistake_in(R"({"pid": 1, "filter": []})"), "filter: expected an object");
  EXPECT_EQ(mistake_in(R"({"pid": 1, "ratio": "1"})"), "ratio: expected a number");
  EXPECT_EQ(mistake_in(R"({"pid": 1, "path": 7})"), "path: expected a string");
}

TEST(Schema, RefusesWhatItDoesNotKnowAndListsWhatItDoes) {
  EXPECT_EQ(mistake_in(R"({"pid": 1, "pidd": 2})"),
            "pidd: unknown field; known: pid, interval_ms, deep, names, filter, ratio, path, value");
  Method none{.name = "status"};
  EXPECT_EQ(check_params(none, {{"x", 1}}).error().message, "x: unknown field; this method takes none");
  EXPECT_EQ(check_params(none, {{std::string(1000, 'x'), 1}}).error().message.find(':'), 64U)
      << "a peer's field does not fill the log";
  none.other_params = OtherFields::passed;
  EXPECT_TRUE(check_params(none, {{"x", 1}}));
}

TEST(Schema, IsWrittenDown) {
  const auto written = describe(method());
  EXPECT_EQ(written.at("name"), "find");
  EXPECT_EQ(written.at("other_params"), "refused");
  const auto& interval = written.at("params").at(1).as_object();
  EXPECT_EQ(interval.at("unit"), "milliseconds");
  EXPECT_EQ(interval.at("minimum"), 10);
  EXPECT_EQ(interval.at("maximum"), 60'000);
  EXPECT_FALSE(interval.at("required").as_bool());
  const auto& pid = written.at("params").at(0).as_object();
  EXPECT_TRUE(pid.at("required").as_bool());
  EXPECT_FALSE(pid.contains("maximum"));
  EXPECT_EQ(written.at("result").at(0).at("type"), "boolean");
}

}  // namespace
}  // namespace daemoneye::rpc_service
