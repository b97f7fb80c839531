// Settings: all or none, and errors that name the field.
#include "settings.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace procmond {
namespace {

busrt::base::Result<Settings> apply(const char* text) {
  return apply_settings(Settings{}, boost::json::parse(text).as_object());
}

std::string error_of(const char* text) {
  const auto settings = apply(text);
  return settings ? "accepted" : settings.error().message;
}

TEST(Settings, TakesEveryField) {
  const auto settings =
      apply(R"({"method":"scan","scan_interval_ms":250,"receive_buffer_bytes":65536,"realtime":false})");
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->method, Method::scan);
  EXPECT_EQ(settings->scan_interval, std::chrono::milliseconds(250));
  EXPECT_EQ(settings->receive_buffer_bytes, 65536U);
  EXPECT_FALSE(settings->realtime);
  EXPECT_EQ(apply(R"({"method":"connector"})")->method, Method::connector);
  EXPECT_EQ(*apply("{}"), Settings{});
}

TEST(Settings, ErrorsNameTheFieldAndWhatWasExpected) {
  EXPECT_EQ(error_of(R"({"method":"ebpf"})"),
            R"(method: expected "auto", "connector" or "scan", got "ebpf")");
  EXPECT_EQ(error_of(R"({"method":1})"), R"(method: expected "auto", "connector" or "scan", got 1)");
  EXPECT_EQ(error_of(R"({"scan_interval_ms":10})"),
            "scan_interval_ms: expected a whole number from 50 to 3600000, got 10");
  EXPECT_EQ(error_of(R"({"scan_interval_ms":-1})"),
            "scan_interval_ms: expected a whole number from 50 to 3600000, got -1");
  EXPECT_EQ(error_of(R"({"scan_interval_ms":1e3})"),
            "scan_interval_ms: expected a whole number from 50 to 3600000, got 1E3");
  EXPECT_EQ(error_of(R"({"receive_buffer_bytes":"big"})"),
            R"(receive_buffer_bytes: expected a whole number from 4096 to 536870912, got "big")");
  EXPECT_EQ(error_of(R"({"realtime":1})"), "realtime: expected true or false, got 1");
  EXPECT_EQ(
      error_of(R"({"interval":10})"),
      "interval: no such setting; there are method, scan_interval_ms, receive_buffer_bytes and realtime");
}

TEST(Settings, SurviveTheWayThroughJson) {
  Settings settings;
  settings.method = Method::connector;
  EXPECT_EQ(*apply_settings(Settings{}, to_json(settings)), settings);
}

}  // namespace
}  // namespace procmond
