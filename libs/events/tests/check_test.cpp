// The validator names what is wrong.
#include "daemoneye/events/check.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>

namespace daemoneye::events {
namespace {

using Problems = std::vector<std::string>;

boost::json::object an_exec() {
  return boost::json::parse(
             R"({"process":{"pid":7,"start_time":5,"started_at":"2026-01-02T03:04:05Z","boot_id":"b"},"ppid":1,
                 "uid":0,"euid":0,"gid":0,"egid":0,"comm":"a","exe":"/a","args":["a"],"cgroup":"/",
                 "observed_by":"connector"})")
      .as_object();
}

TEST(Check, AWholeEventHasNoProblem) {
  EXPECT_EQ(check("process", "exec", an_exec()), Problems{});
  Event event;
  event.domain = "network";
  event.kind = loss_kind;
  event.data = loss_data({std::nullopt, "cause", "detail"});
  EXPECT_EQ(check(event), Problems{});
}

TEST(Check, NamesAnUnknownDomainAndKind) {
  EXPECT_EQ(check("weather", "rain", {}), Problems{"weather: no such domain"});
  EXPECT_EQ(check("process", "rain", {}), Problems{"process.rain: no such kind"});
}

TEST(Check, NamesAnUnknownFieldAlsoWithinAnObject) {
  auto data = an_exec();
  data["colour"] = "red";
  data["process"].as_object()["age"] = 5;
  EXPECT_EQ(check("process", "exec", data),
            (Problems{"process.age: no field of process", "colour: no field of process"}));
}

TEST(Check, NamesAWrongTypeANullAndWhatIsMissing) {
  auto data = an_exec();
  data["args"] = boost::json::array{1};
  data["euid"] = -1;
  data["observed_by"] = nullptr;
  data["exe"] = nullptr;
  data.erase("comm");
  auto problems = check("process", "exec", data);
  std::ranges::sort(problems);
  EXPECT_EQ(problems, (Problems{"args: expected list of bytes", "comm: missing",
                                "euid: expected unsigned integer", "observed_by: null"}));
}

TEST(Check, AFieldOfAnotherKindIsAProblem) {
  auto data = an_exec();
  data["exit_code"] = 1;
  EXPECT_EQ(check("process", "exec", data), Problems{"exit_code: not a field of the kind exec"});
  EXPECT_EQ(check("process", "exit", data), Problems{"signal: missing"});
}

}  // namespace
}  // namespace daemoneye::events
