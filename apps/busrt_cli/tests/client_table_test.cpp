// What `broker client.list` shows of each client.
#include "client_table.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <string>

namespace busrt_cli {
namespace {

std::string listed(std::string_view clients, std::string_view asker = "asker") {
  const auto table = client_table(boost::json::parse({clients.data(), clients.size()}).as_array(), asker);
  return table ? table->to_string() : table.error().message;
}

TEST(ClientTable, LossesAreShownByCauseAndDenialsBehindTheRealToolsColumns) {
  const std::string table = listed(
      R"([{"name":"a","kind":"tcp","source":"h:1","port":"p","r_frames":1000,"r_bytes":1,"w_frames":1,
           "w_bytes":1,"queue":0,"instances":1,"held":2,"denied":3,"memory":4,"uid":null,"pid":7,
           "lost":{"realtime_queue_full":1306,"queue_full":0,"slow_consumer":50}},
          {"name":"asker","held":0},{"name":"b","held":0,"lost":{"queue_full":0}}])");
  EXPECT_TRUE(
      table.contains("ins  lost                                         denied  held  memory  uid  pid"))
      << table;
  EXPECT_TRUE(
      table.contains("1    1_306 realtime_queue_full, 50 slow_consumer  3       2     4            7"))
      << table;
  EXPECT_FALSE(table.contains("asker"));
  EXPECT_TRUE(table.contains(" b ")) << table;
}

TEST(ClientTable, OfARealBrokersAnswerTheRealColumnsAlone) {
  const std::string table = listed(R"([{"name":"a","kind":"tcp","instances":1}])");
  EXPECT_EQ(table.substr(0, table.find('\n')),
            " name  type  source  port  r_frames  r_bytes  w_frames  w_bytes  queue  ins  ");
}

TEST(ClientTable, WhatIsNoClientIsAnError) {
  EXPECT_TRUE(listed("[1]").contains("something else than clients"));
}

}  // namespace
}  // namespace busrt_cli
